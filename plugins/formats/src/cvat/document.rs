//! What a CVAT file says, image by image, each shape still to be judged.

use crate::shape_limit::require_room;
use crate::xml::{Element, Fault, Result, Xml};
use lightbox_sdk::Call;

/// What a type takes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Boxes,
    /// Polygons and masks.
    Masks,
    /// Tags, where no image has two.
    OneTag,
    /// Tags, where an image has two.
    ManyTags,
}

/// One part of a file, in its order.
pub(super) enum Part {
    /// Of the list that the task or project has.
    Label(Label),
    Image(Image),
    /// A shape over many frames.
    Track,
}

#[derive(Debug, Default)]
pub(super) struct Label {
    pub(super) name: String,
    /// The kind of shape that it is for, such as `rectangle`; empty or `any` for all.
    pub(super) kind: String,
    /// Belongs to a skeleton.
    pub(super) has_parent: bool,
}

#[derive(Debug)]
pub(super) struct Image {
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) subset: String,
    /// Pixels; `None` unless both are whole and above 0.
    pub(super) size: Option<(u32, u32)>,
    pub(super) shapes: Vec<Shape>,
}

#[derive(Debug)]
pub(super) struct Shape {
    pub(super) line: u32,
    pub(super) label: String,
    pub(super) geometry: Geometry,
}

/// Numbers as written.
#[derive(Debug)]
pub(super) enum Geometry {
    /// `xtl`, `ytl`, `xbr`, `ybr`.
    Box([Option<String>; 4]),
    /// `x,y;x,y;…`
    Polygon(String),
    /// Run lengths along the rows, first of zeros, and `left`, `top`, `width`, `height`.
    Mask(String, [Option<String>; 4]),
    Tag,
    /// Nothing that a type is made of, by its kind.
    Other(String),
}

pub(super) const CORNERS: [&str; 4] = ["xtl", "ytl", "xbr", "ybr"];
pub(super) const WINDOW: [&str; 4] = ["left", "top", "width", "height"];
/// Longest name of an unknown kind.
const KIND_CHARS: usize = 40;

/// Hands the parts of a file to `part`, one after the other. Says whether the root is that of CVAT.
pub(super) fn read(
    text: &str,
    call: &Call<'_>,
    mut part: impl FnMut(Part) -> lightbox_sdk::Result<()>,
) -> Result<bool> {
    let mut xml = Xml::new(text, call);
    if xml.root()?.name() != "annotations" {
        return Ok(false);
    }
    xml.each_child(|xml, child| {
        match child.name() {
            "meta" => read_meta(xml, &mut part)?,
            "image" => {
                let image = read_image(xml, &child)?;
                part(Part::Image(image))?;
            }
            "track" => part(Part::Track)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(true)
}

/// `meta/(task|project|job)/labels/label`
fn read_meta(xml: &mut Xml<'_, '_>, part: &mut impl FnMut(Part) -> lightbox_sdk::Result<()>) -> Result<()> {
    xml.each_child(|xml, _| {
        xml.each_child(|xml, child| {
            if child.name() != "labels" {
                return Ok(());
            }
            xml.each_child(|xml, _| {
                let label = read_label(xml)?;
                Ok(part(Part::Label(label))?)
            })
        })
    })
}

fn read_label(xml: &mut Xml<'_, '_>) -> Result<Label> {
    let mut label = Label::default();
    xml.each_child(|xml, child| {
        match child.name() {
            "name" => label.name = xml.text()?,
            "type" => label.kind = xml.text()?,
            "parent" => label.has_parent = true,
            _ => {}
        }
        Ok(())
    })?;
    Ok(label)
}

fn read_image<'a>(xml: &mut Xml<'a, '_>, element: &Element<'a>) -> Result<Image> {
    let text = |name: &str| attribute(element, name).map(Option::unwrap_or_default);
    let pixels = |text: String| text.trim().parse::<u32>().ok().filter(|pixels| *pixels > 0);
    let mut image = Image {
        line: element.line,
        name: text("name")?.replace('\\', "/"),
        subset: text("subset")?,
        size: pixels(text("width")?).zip(pixels(text("height")?)),
        shapes: Vec::new(),
    };
    xml.each_child(|_, child| {
        require_room(image.shapes.len(), child.line)?;
        let geometry = read_geometry(&child)?;
        let label = attribute(&child, "label")?.unwrap_or_default();
        image.shapes.push(Shape { line: child.line, label, geometry });
        Ok(())
    })?;
    Ok(image)
}

fn read_geometry(element: &Element<'_>) -> Result<Geometry> {
    let all = |names: [&str; 4]| -> Result<[Option<String>; 4]> {
        let [a, b, c, d] = names.map(|name| attribute(element, name));
        Ok([a?, b?, c?, d?])
    };
    let text = |name: &str| attribute(element, name).map(Option::unwrap_or_default);
    Ok(match element.name() {
        "box" if is_turned(&text("rotation")?) => Geometry::Other("rotated box".to_owned()),
        "box" => Geometry::Box(all(CORNERS)?),
        "polygon" => Geometry::Polygon(text("points")?),
        "mask" => Geometry::Mask(text("rle")?, all(WINDOW)?),
        "tag" => Geometry::Tag,
        other => Geometry::Other(other.chars().take(KIND_CHARS).collect()),
    })
}

/// What is no number turns it too: a box that may lie otherwise is not taken as it is.
fn is_turned(rotation: &str) -> bool {
    let rotation = rotation.trim();
    !rotation.is_empty() && !rotation.parse::<f64>().is_ok_and(|degrees| degrees % 360.0 == 0.0)
}

fn attribute(element: &Element<'_>, name: &str) -> Result<Option<String>> {
    let broken = |what: String| Fault::Broken(format!("not valid XML: line {}: {what}", element.line));
    element.find(name).map_err(broken)
}

impl Content {
    /// Whether a label of this kind may have annotations of this type.
    pub(super) fn takes_label(self, label: &Label) -> bool {
        let kinds: &[&str] = match self {
            Self::Boxes => &["", "any", "rectangle"],
            Self::Masks => &["", "any", "polygon", "mask"],
            Self::OneTag | Self::ManyTags => &["", "any", "tag"],
        };
        !label.has_parent && kinds.contains(&label.kind.trim()) && !label.name.trim().is_empty()
    }

    pub(super) fn takes_shape(self, geometry: &Geometry) -> bool {
        match geometry {
            Geometry::Box(_) => self == Self::Boxes,
            Geometry::Polygon(_) | Geometry::Mask(..) => self == Self::Masks,
            Geometry::Tag => matches!(self, Self::OneTag | Self::ManyTags),
            Geometry::Other(_) => false,
        }
    }
}

//! What a Pascal VOC file says, each object still to be judged.

use crate::shape_limit::require_room;
use crate::xml::{Element, Result, Xml};
use lightbox_sdk::Call;

/// Names of the four numbers of a box, in the order of [`Corners::texts`].
pub(super) const CORNERS: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];

#[derive(Debug, Default)]
pub(super) struct Voc {
    /// The root has this name: `annotation`.
    pub(super) is_annotation: bool,
    pub(super) filename: Option<String>,
    pub(super) path: Option<String>,
    /// `size` or `segmented` is there, which only VOC has.
    pub(super) has_frame: bool,
    pub(super) objects: Vec<Object>,
    /// Parts of objects, such as the head of a person.
    pub(super) parts: usize,
}

#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) corners: Option<Corners>,
    /// An outline of points, beside the box or instead of it.
    pub(super) has_polygon: bool,
}

#[derive(Debug)]
pub(super) struct Corners {
    pub(super) line: u32,
    /// As written; `None` when missing.
    pub(super) texts: [Option<String>; 4],
}

/// Reads a file up to its end or to the fault that ends it; what stood before the fault is kept for recognising it.
pub(super) fn read(text: &str, call: &Call<'_>) -> (Voc, Result<()>) {
    let mut voc = Voc::default();
    let mut xml = Xml::new(text, call);
    let result = read_root(&mut xml, &mut voc);
    (voc, result)
}

fn read_root<'a>(xml: &mut Xml<'a, '_>, voc: &mut Voc) -> Result<()> {
    voc.is_annotation = xml.root()?.name() == "annotation";
    if !voc.is_annotation {
        return Ok(());
    }
    xml.each_child(|xml, child| {
        match child.name() {
            "filename" => voc.filename = Some(plain(xml.text()?)),
            "path" => voc.path = Some(plain(xml.text()?)),
            "size" | "segmented" => voc.has_frame = true,
            "object" => read_object(xml, &child, voc)?,
            _ => {}
        }
        Ok(())
    })
}

/// The object counts from its beginning on, so that a file that is cut in it is known as one with objects.
fn read_object<'a>(xml: &mut Xml<'a, '_>, element: &Element<'a>, voc: &mut Voc) -> Result<()> {
    require_room(voc.objects.len(), element.line)?;
    let mut object = Object { line: element.line, ..Object::default() };
    let mut parts = 0;
    let result = xml.each_child(|xml, child| {
        match child.name() {
            "name" => object.name = plain(xml.text()?),
            "bndbox" => object.corners = Some(read_corners(xml, &child)?),
            "polygon" | "robndbox" | "segmentation" => object.has_polygon = true,
            "part" => parts += 1,
            _ => {}
        }
        Ok(())
    });
    voc.objects.push(object);
    voc.parts += parts;
    result
}

fn read_corners<'a>(xml: &mut Xml<'a, '_>, element: &Element<'a>) -> Result<Corners> {
    let mut corners = Corners { line: element.line, texts: Default::default() };
    xml.each_child(|xml, child| {
        let place = CORNERS.iter().position(|name| *name == child.name());
        if let Some(text) = place.and_then(|place| corners.texts.get_mut(place)) {
            *text = Some(xml.text()?);
        }
        Ok(())
    })?;
    Ok(corners)
}

/// A text that was broken over lines for looks is taken without them; else it is kept as it is.
fn plain(text: String) -> String {
    if text.contains('\n') { text.trim().to_owned() } else { text }
}

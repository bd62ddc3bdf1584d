//! Which modality transform and which VOI a frame has: its own functional group, the shared one, or the top level
//! (PS3.3 C.7.6.16.2.9, C.7.6.16.2.10).

use crate::attribute;
use crate::data_set::DataSet;
use crate::modality::Modality;
use crate::selection::read_elements;
use crate::voi::{Function, Voi};
use crate::walk::{self, Encoding};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use lightbox_sdk::{Error, Result, Window};
use std::ops::Range;

/// Finds the transforms of frames.
#[derive(Default)]
pub struct Transforms {
    /// Bytes of every per-frame item; filled at the first question.
    items: Option<Vec<Range<usize>>>,
}

/// What turns a frame's stored values into grey.
#[derive(Debug, Clone)]
pub struct Transform {
    pub modality: Modality,
    /// `None`: from the frame's smallest to its largest value.
    pub voi: Option<Voi>,
    function: Function,
}

impl Transform {
    /// The VOI with a window that was asked for. A width below 1, which LINEAR does not have, is LINEAR_EXACT.
    pub fn with_window(self, window: Option<Window>) -> Result<Self> {
        let Some(Window { center, width }) = window else { return Ok(self) };
        if !(width > 0.0 && width.is_finite() && center.is_finite()) {
            return Err(Error::Invalid(format!("a window of width {width} around {center} shows nothing")));
        }
        let function =
            if self.function == Function::Linear && width < 1.0 { Function::LinearExact } else { self.function };
        Ok(Self { voi: Some(Voi::Window { center, width, function }), ..self })
    }
}

impl Transforms {
    pub fn of_frame(&mut self, bytes: &[u8], set: &DataSet, frame: usize, is_signed: bool) -> Result<Transform> {
        let own = self.item(bytes, set, frame)?;
        let shared = attribute::first_item(&set.attributes, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        let groups = [own.as_ref(), shared];
        let is_signed_input = is_signed && !set.encoding.explicit;
        Ok(Transform {
            modality: modality(set, groups, is_signed_input)?,
            voi: voi(set, groups, is_signed_input)?,
            function: function(set, groups)?,
        })
    }

    /// The functional groups of one frame, read from its own bytes alone.
    fn item(&mut self, bytes: &[u8], set: &DataSet, frame: usize) -> Result<Option<InMemDicomObject>> {
        let Some(sequence) = &set.per_frame_groups else { return Ok(None) };
        if self.items.is_none() {
            self.items = Some(walk::items(bytes, sequence, set.encoding)?);
        }
        let range = self.items.as_ref().and_then(|items| items.get(frame).cloned());
        let encoding = if sequence.vr == Some(dicom_core::VR::UN) { Encoding::IMPLICIT_LITTLE } else { set.encoding };
        range.map(|range| read_elements(bytes.get(range).unwrap_or_default(), encoding)).transpose()
    }
}

type Groups<'g> = [Option<&'g InMemDicomObject>; 2];

/// The first answer of the frame's own and the shared group's macro `tag`.
fn in_groups<T>(
    groups: Groups<'_>,
    tag: Tag,
    read: impl Fn(&InMemDicomObject) -> Result<Option<T>>,
) -> Result<Option<T>> {
    for item in groups.into_iter().flatten().filter_map(|group| attribute::first_item(group, tag)) {
        if let Some(found) = read(item)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn modality(set: &DataSet, groups: Groups<'_>, is_signed_input: bool) -> Result<Modality> {
    let top = &set.attributes;
    if let Some(Modality::Lut(lut)) = Modality::read(top, is_signed_input)? {
        return Ok(Modality::Lut(lut));
    }
    let grouped = in_groups(groups, tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, Modality::read_rescale)?;
    let found = grouped.map_or_else(|| Modality::read_rescale(top), |found| Ok(Some(found)))?;
    Ok(found.unwrap_or(Modality::Identity))
}

fn voi(set: &DataSet, groups: Groups<'_>, is_signed_input: bool) -> Result<Option<Voi>> {
    let top = &set.attributes;
    let lut = |item: &InMemDicomObject| Voi::read_lut(item, is_signed_input);
    if let Some(found) =
        lut(top)?.map_or_else(|| in_groups(groups, tags::FRAME_VOILUT_SEQUENCE, lut), |lut| Ok(Some(lut)))?
    {
        return Ok(Some(found));
    }
    let grouped = in_groups(groups, tags::FRAME_VOILUT_SEQUENCE, Voi::read_window)?;
    grouped.map_or_else(|| Voi::read_window(top), |found| Ok(Some(found)))
}

fn function(set: &DataSet, groups: Groups<'_>) -> Result<Function> {
    let grouped = in_groups(groups, tags::FRAME_VOILUT_SEQUENCE, Function::read)?;
    let found = grouped.map_or_else(|| Function::read(&set.attributes), |found| Ok(Some(found)))?;
    Ok(found.unwrap_or(Function::Linear))
}

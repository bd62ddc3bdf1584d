//! The elements of a data set that decide on the picture and on its identity; all others are stepped over unread.

use crate::pixel_element::{PixelElement, PixelKind};
use crate::selection::Selection;
use crate::walk::{self, Element, Encoding, dictionary_vr, element_at};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use lightbox_sdk::Result;

/// Tables of a palette have 128 KiB at most.
const MAX_TABLE_BYTES: usize = 1 << 18;
/// Sequences that are read as a whole: LUTs and shared functional groups.
const MAX_SEQUENCE_BYTES: usize = 1 << 22;
/// All other elements that are read are numbers and short texts; longer ones are damage.
const MAX_VALUE_BYTES: usize = 1 << 14;

/// What was found before and at the pixel data.
pub struct DataSet {
    pub attributes: InMemDicomObject,
    pub encoding: Encoding,
    pub pixels: Option<PixelElement>,
    /// (5200,9230), whose items are read one by one when their frame is asked for.
    pub per_frame_groups: Option<Element>,
    pub extended_offsets: Option<Element>,
    pub has_directory: bool,
}

/// The elements that are read: identity, image pixel module, LUTs, windows, shared functional groups.
fn is_read(tag: Tag) -> bool {
    matches!(
        tag,
        tags::SPECIFIC_CHARACTER_SET
            | tags::SOP_CLASS_UID
            | tags::SOP_INSTANCE_UID
            | tags::MODALITY
            | tags::STUDY_DESCRIPTION
            | tags::PATIENT_ID
            | tags::ISSUER_OF_PATIENT_ID
            | tags::STUDY_INSTANCE_UID
            | tags::SERIES_INSTANCE_UID
            | tags::INSTANCE_NUMBER
            | tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE
    ) || (tag.0 == 0x0028 && is_read_of_image_group(tag))
}

fn is_read_of_image_group(tag: Tag) -> bool {
    matches!(tag.1, 0x0002..=0x0011 | 0x0100..=0x0103 | 0x1050..=0x1056 | 0x1101..=0x1103 | 0x1201..=0x1223)
        || matches!(tag, tags::MODALITY_LUT_SEQUENCE | tags::VOILUT_SEQUENCE)
}

impl DataSet {
    /// Walks the top level of a data set up to its pixel data.
    pub fn read(bytes: &[u8], encoding: Encoding) -> Result<Self> {
        let mut found = Selection::default();
        let mut set = Self {
            attributes: InMemDicomObject::new_empty(),
            encoding,
            pixels: None,
            per_frame_groups: None,
            extended_offsets: None,
            has_directory: false,
        };
        let mut at = 0;
        while let Some(element) = element_at(bytes, at, encoding) {
            if let Some(kind) = PixelKind::of(element.tag) {
                set.pixels = Some(PixelElement { element, kind });
                break;
            }
            let end = walk::end_of(bytes, &element, encoding)?;
            set.note(&element);
            if is_read(element.tag) && end - element.value <= most_bytes(&element) {
                found.add(bytes, &element, end);
            }
            at = end;
        }
        set.attributes = found.read(encoding)?;
        Ok(set)
    }

    fn note(&mut self, element: &Element) {
        match element.tag {
            tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE => self.per_frame_groups = Some(*element),
            tags::EXTENDED_OFFSET_TABLE => self.extended_offsets = Some(*element),
            tags::DIRECTORY_RECORD_SEQUENCE => self.has_directory = true,
            _ => {}
        }
    }
}

fn most_bytes(element: &Element) -> usize {
    let vr = element.vr.filter(|vr| *vr != VR::UN).or_else(|| dictionary_vr(element.tag));
    match (vr, element.tag) {
        (Some(VR::SQ), _) => MAX_SEQUENCE_BYTES,
        (_, Tag(0x0028, 0x1201..=0x1223)) => MAX_TABLE_BYTES,
        _ => MAX_VALUE_BYTES,
    }
}

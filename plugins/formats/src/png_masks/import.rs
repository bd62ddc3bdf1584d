//! Reads pictures of masks into a batch.

use super::codes::{Codes, Coding};
use super::layout::{self, find};
use super::meaning::{Meaning, meanings, number_of_color};
use super::pairing::Found;
use crate::code;
use crate::label_map::Class;
use crate::mask::runs::Runs;
use crate::mask::{read_png, write_payload};
use crate::table::Table;
use crate::unpaired::Unpaired;
use lightbox_sdk::bundle::{self, BundledFile};
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Call, Document, Finding, Imported, Result};
use std::collections::BTreeMap;

/// Different codes that a picture of masks may have; a photograph has more.
const MAX_CODES: usize = 4096;
const MAX_UNNAMED_CODES: usize = 256;
/// Pixels between two looks at whether the call should stop.
const BETWEEN_CHECKS: u64 = 1 << 20;

/// A mask for each class of each picture; for each object, where another picture numbers those. Every image that has a
/// picture belongs to the set.
///
/// # Errors
/// `Invalid` for a document that is no bundle; `Limit`; `Cancelled`.
pub fn import(document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
    let files = bundle::decode(document.bytes)?;
    let layout = find(&files);
    let mut import =
        Import { call, table: Table::default(), unpaired: Unpaired::default(), unnamed: 0, void_pixels: 0 };
    for group in &layout.groups {
        let index = group.index.and_then(|index| layout.indices.get(index));
        let index = index.filter(|_| !group.is_by_class).map(|index| index.classes.as_slice());
        for class in index.unwrap_or_default().iter().filter(|class| !class.is_background()) {
            import.table.label(&class.name);
        }
        for mask in &group.masks {
            call.check()?;
            if let Err(finding) = import.add(mask, index)? {
                import.table.findings.push(finding.in_file(&*mask.file.path));
            }
        }
    }
    import.finish()
}

struct Import<'a, 'b, 'c> {
    call: &'a Call<'c>,
    table: Table,
    unpaired: Unpaired<'b>,
    /// Masks of classes without a name.
    unnamed: u64,
    void_pixels: u64,
}

/// The runs of one class and object.
type Parts = BTreeMap<(u32, u32), Runs>;

impl<'b> Import<'_, 'b, '_> {
    fn add(&mut self, mask: &layout::Mask<'b>, index: Option<&[Class]>) -> Result<Result<(), Finding>> {
        let image = match mask.image {
            Found::Image(image) if image.is_image() => image,
            Found::Several => {
                let message = "several images have the name of this mask";
                return Ok(Err(Finding::error(code::AMBIGUOUS_PATH, message)));
            }
            Found::Image(_) | Found::Nothing => {
                self.unpaired.add(&mask.file.path);
                return Ok(Ok(()));
            }
        };
        self.unpaired.add_paired();
        match mask.class {
            Some(class) => Ok(self.add_class(mask, class, image)),
            None => self.add_codes(mask, image, index),
        }
    }

    /// A picture of one class: what is not black is set.
    fn add_class(&mut self, mask: &layout::Mask<'_>, class: &str, image: &BundledFile<'_>) -> Result<(), Finding> {
        let picture = read_png(&mask.file.bytes, self.call.max_output_bytes()).map_err(bad)?;
        require_size(image, picture.width, picture.height)?;
        self.table.image(&image.path, 0);
        let mask = Mask::from_pixels(picture.width, picture.height, &picture.pixels);
        if mask.area() > 0 {
            self.table.push_mask(&image.path, class, 0, mask.bounding_box(), &write_payload(&mask));
        }
        Ok(())
    }

    fn add_codes(
        &mut self,
        mask: &layout::Mask<'_>,
        image: &BundledFile<'_>,
        index: Option<&[Class]>,
    ) -> Result<Result<(), Finding>> {
        let read = || -> Result<(Codes, Option<Codes>), Finding> {
            let codes = self.read(mask.file, image)?;
            let objects = mask.objects.map(|file| self.read(file, image)).transpose();
            Ok((codes, objects.map_err(|finding| finding_of_objects(finding, mask))?))
        };
        let (codes, objects) = match read() {
            Ok(read) => read,
            Err(finding) => return Ok(Err(finding)),
        };
        let most = if index.is_some() { MAX_CODES } else { MAX_UNNAMED_CODES };
        let parts = match parts(&codes, objects.as_ref(), most, self.call)? {
            Ok(parts) => parts,
            Err(finding) => return Ok(Err(finding)),
        };
        self.table.image(&image.path, 0);
        let mut used: Vec<u32> = parts.keys().map(|(code, _)| *code).collect();
        used.dedup();
        let mut unknown: Vec<u32> = Vec::new();
        let meanings = meanings(&codes, &used, index);
        let numbers = if index.is_none() { voc_numbers(&codes, &used) } else { BTreeMap::new() };
        for ((code, _), runs) in parts {
            self.table.check(self.call)?;
            let mask = runs.into_mask(codes.width, codes.height);
            match meanings.get(&code) {
                Some(Meaning::Class(name)) => {
                    self.unnamed += u64::from(index.is_none());
                    let name = numbers.get(&code).unwrap_or(name);
                    self.table.push_mask(&image.path, name, 0, mask.bounding_box(), &write_payload(&mask));
                }
                Some(Meaning::Void) => self.void_pixels += mask.area(),
                Some(Meaning::Unknown) if unknown.last() != Some(&code) => unknown.push(code),
                _ => {}
            }
        }
        if unknown.is_empty() { Ok(Ok(())) } else { Ok(Err(not_in_index(&codes, &unknown))) }
    }

    fn read(&self, file: &BundledFile<'_>, image: &BundledFile<'_>) -> Result<Codes, Finding> {
        let codes = Codes::read(&file.bytes, self.call.max_output_bytes()).map_err(bad)?;
        require_size(image, codes.width, codes.height)?;
        Ok(codes)
    }

    fn finish(mut self) -> Result<Imported> {
        self.table.findings.extend(self.unpaired.findings("mask", "by its name"));
        if self.unnamed > 0 {
            let message = format!(
                "{} masks are of classes without names: no labelmap.txt was found above them, so that the classes are \
                 named by their numbers or colours",
                self.unnamed
            );
            self.table.findings.push(Finding::warning(code::NO_CLASS_NAMES, message));
        }
        if self.void_pixels > 0 {
            let message = format!("{} pixels between objects (255) are of no class", self.void_pixels);
            self.table.findings.push(Finding::info(code::VOID_PIXELS, message));
        }
        self.table.into_imported(self.call)
    }
}

/// The runs of every code and object number, down the columns.
fn parts(codes: &Codes, objects: Option<&Codes>, most: usize, call: &Call<'_>) -> Result<Result<Parts, Finding>> {
    let (width, height) = (codes.width as usize, codes.height as usize);
    let mut parts = Parts::new();
    let key = |column: usize, row: usize| {
        let at = row * width + column;
        let object = objects.and_then(|objects| objects.pixels.get(at)).copied().unwrap_or(0);
        (codes.pixels.get(at).copied().unwrap_or(0), object)
    };
    let mut check_at = BETWEEN_CHECKS;
    for column in 0..width {
        let mut row = 0;
        while row < height {
            let (own, start) = (key(column, row), row);
            while row < height && key(column, row) == own {
                row += 1;
            }
            if own.0 != 0 {
                parts.entry(own).or_default().set((column * height + start) as u64, (row - start) as u64);
                if parts.len() > most {
                    let message = format!("the picture has more than {most} different values: that is no mask");
                    return Ok(Err(Finding::error(code::BAD_MASK, message)));
                }
            }
            let done = (column * height + row) as u64;
            if done >= check_at {
                check_at = done + BETWEEN_CHECKS;
                call.check()?;
            }
        }
    }
    Ok(Ok(parts))
}

/// Names of colours that are all in VOC's palette: their numbers there.
fn voc_numbers(codes: &Codes, used: &[u32]) -> BTreeMap<u32, String> {
    if codes.coding != Coding::Color {
        return BTreeMap::new();
    }
    let number = |code: u32| codes.color(code).and_then(number_of_color).map(|number| (code, number.to_string()));
    used.iter().map(|code| number(*code)).collect::<Option<_>>().unwrap_or_default()
}

fn require_size(image: &BundledFile<'_>, width: u32, height: u32) -> Result<(), Finding> {
    if (image.width, image.height) == (width, height) {
        return Ok(());
    }
    let message = format!(
        "the mask has {width} × {height} pixels, but its image {} has {} × {}",
        image.path, image.width, image.height
    );
    Err(Finding::error(code::MASK_SIZE, message))
}

fn finding_of_objects(finding: Finding, mask: &layout::Mask<'_>) -> Finding {
    match mask.objects {
        Some(objects) => Finding { message: format!("{} (in {})", finding.message, objects.path), ..finding },
        None => finding,
    }
}

fn not_in_index(codes: &Codes, unknown: &[u32]) -> Finding {
    const SHOWN: usize = 5;
    let name = |code: &u32| match codes.coding {
        Coding::Color => format!("colour {},{},{}", code >> 16 & 255, code >> 8 & 255, code & 255),
        Coding::Number(_) => format!("number {code}"),
    };
    let shown: Vec<String> = unknown.iter().take(SHOWN).map(name).collect();
    let more = if unknown.len() > SHOWN { " and more" } else { "" };
    let message = format!("pixels of {}{more} are left out: the list of classes does not have them", shown.join(", "));
    Finding::error(code::UNKNOWN_CLASS, message)
}

fn bad(message: String) -> Finding {
    Finding::error(code::BAD_MASK, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(height: u32, code: impl Fn(u32) -> u32) -> Codes {
        Codes { width: 1, height, pixels: (0..height).map(code).collect(), coding: Coding::Number(None) }
    }

    #[test]
    fn a_photograph_is_given_up_within_its_first_column() {
        let asked = std::cell::Cell::new(0);
        let is_cancelled = || asked.replace(asked.get() + 1) > 0;
        let call = Call::new(None, 0, &is_cancelled);
        let photograph = column(3 << 20, |row| row + 1);
        let refused = parts(&photograph, None, 256, &call).unwrap();
        assert!(refused.is_err_and(|finding| finding.code == code::BAD_MASK && finding.message.contains("256")));
        assert_eq!(asked.get(), 0, "there was no time to ask");
    }

    #[test]
    fn a_picture_of_many_runs_is_given_up_when_the_call_ends() {
        let striped = column(3 << 20, |row| row % 3);
        assert_eq!(parts(&striped, None, 2, &Call::unlimited()).unwrap().map(|parts| parts.len()), Ok(2));
        let ended = Call::new(None, 0, &|| true);
        assert_eq!(parts(&striped, None, 2, &ended).map(|_| ()), Err(lightbox_sdk::Error::Cancelled));
    }
}

//! Whether a first row is a header, which `label.csv` should not have.

use super::layout::Layout;
use super::number::parse;
use super::rows::Row;

/// Names that others give the column of paths, letters and digits only.
const PATH_NAMES: [&str; 20] = [
    "path",
    "filepath",
    "file",
    "files",
    "filename",
    "image",
    "images",
    "imagename",
    "imagepath",
    "imagefile",
    "imagefilename",
    "imagepathfilename",
    "imageid",
    "imgpath",
    "imgname",
    "img",
    "imgid",
    "pathname",
    "dicompath",
    "dicom",
];
const CLASS_NAMES: [&str; 12] = [
    "class",
    "classes",
    "classname",
    "label",
    "labels",
    "labelname",
    "category",
    "categoryname",
    "annotation",
    "target",
    "classlabel",
    "diagnosis",
];
/// Corners instead of width and height: other numbers under the same number of columns.
const CORNER_NAMES: [&str; 8] = ["x2", "y2", "xmax", "ymax", "xright", "ybottom", "right", "bottom"];

/// Whether the row names its columns instead of filling them. For the first row of a document only.
pub(super) fn is_header(row: &Row<'_>) -> bool {
    let known_path = PATH_NAMES.contains(&plain(row.path()).as_str());
    let known_class = CLASS_NAMES.contains(&plain(row.class()).as_str());
    match row.columns {
        1 => known_path,
        2 => known_path && known_class,
        _ => (known_path || known_class) && words_for_numbers(row),
    }
}

/// The header's name for a column that holds a corner where a width or height is expected.
pub(super) fn corner_name<'a>(row: &'a Row<'_>) -> Option<&'a str> {
    let is_box = row.columns == Layout::Box.columns();
    (4..6).map(|index| row.cell(index)).find(|cell| is_box && CORNER_NAMES.contains(&plain(cell).as_str()))
}

fn words_for_numbers(row: &Row<'_>) -> bool {
    let numeric = Layout::of_columns(row.columns).map_or(0..0, Layout::numeric);
    numeric.into_iter().all(|index| {
        let cell = row.cell(index).trim();
        parse(cell).is_none() && cell.starts_with(|first: char| first.is_alphabetic())
    })
}

fn plain(cell: &str) -> String {
    cell.chars().filter(|each| each.is_alphanumeric()).flat_map(char::to_lowercase).take(24).collect()
}

#[cfg(test)]
mod tests {
    use super::super::rows::Rows;
    use super::*;

    fn first(text: &str) -> bool {
        is_header(&Rows::new(text.as_bytes()).next().unwrap().unwrap())
    }

    #[test]
    fn headers_are_told_from_rows() {
        for header in [
            "path",
            "filename,class",
            "Image path,Class name",
            "image_name,label_name",
            "filename,class,value",
            "filename,class,xLeft,yTop,width,height",
            "image,label,imageWidth,imageHeight,mask",
        ] {
            assert!(first(header), "{header}");
        }
        for row in [
            "a.png",
            "a.png,class",
            "image,WBC",
            "a.png,cell,abc,2,3,4",
            "a.png,WBC,yes",
            "image,WBC,1",
            "path,RBC",
            "image,cell,1,2,3,4",
        ] {
            assert!(!first(row), "{row}");
        }
    }

    #[test]
    fn a_header_of_corners_is_noticed() {
        let row = Rows::new(b"image_name,label_name,x1,y1,x2,y2").next().unwrap().unwrap();
        assert_eq!(corner_name(&row), Some("x2"));
    }
}

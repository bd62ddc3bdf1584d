//! Codes of the findings that annotation types give. What each one costs (ERROR, WARNING, INFO) is said beside it.

/// ERROR: a row that is not in the document's encoding, or holds a NUL.
pub const BAD_ENCODING: &str = "BAD_ENCODING";
/// ERROR: a mask that is no mask. WARNING: one that holds other values than 0 and 1 and was read all the same.
pub const BAD_MASK: &str = "BAD_MASK";
/// ERROR: text, a non-finite number or a number out of range where a number is expected.
pub const BAD_NUMBER: &str = "BAD_NUMBER";
/// ERROR: a quote that is never closed, or closed in the middle of a column. Reading goes on with the next line.
pub const BAD_QUOTE: &str = "BAD_QUOTE";
/// ERROR: a LabelMe shape that lacks what its kind needs.
pub const BAD_SHAPE: &str = "BAD_SHAPE";
/// WARNING: a box that lies partly outside its image, clipped.
pub const BOX_CLIPPED: &str = "BOX_CLIPPED";
/// ERROR: width or height is not above 0.
pub const BOX_EMPTY: &str = "BOX_EMPTY";
/// ERROR: a box that does not touch its image.
pub const BOX_OUTSIDE: &str = "BOX_OUTSIDE";
/// WARNING: a class with fewer images than training needs.
pub const CLASS_BELOW_MINIMUM: &str = "CLASS_BELOW_MINIMUM";
/// ERROR: a row with another number of columns than its document.
pub const COLUMN_COUNT: &str = "COLUMN_COUNT";
/// WARNING, on merging: sources say different things of one image; one of them was kept.
pub const CONFLICTING_LABELS: &str = "CONFLICTING_LABELS";
/// ERROR, in one document: a row says the opposite of an earlier one; the earlier one stays.
pub const CONTRADICTION: &str = "CONTRADICTION";
/// WARNING: a row that says again what an earlier one said.
pub const DUPLICATE_ROW: &str = "DUPLICATE_ROW";
/// ERROR: an empty or blank class.
pub const EMPTY_CLASS: &str = "EMPTY_CLASS";
/// WARNING: a document without a single row.
pub const EMPTY_DOCUMENT: &str = "EMPTY_DOCUMENT";
/// INFO: read in another encoding than UTF-8.
pub const ENCODING_GUESSED: &str = "ENCODING_GUESSED";
/// WARNING: so many findings that the rest is only counted.
pub const FINDINGS_LEFT_OUT: &str = "FINDINGS_LEFT_OUT";
/// INFO: LabelMe shapes that share a group id; each is kept as a mask of its own.
pub const GROUPED_SHAPES: &str = "GROUPED_SHAPES";
/// WARNING: a first row that looks like a header, skipped.
pub const HEADER_ROW: &str = "HEADER_ROW";
/// ERROR: a picture inside a document that is not base64.
pub const IMAGE_UNREADABLE: &str = "IMAGE_UNREADABLE";
/// ERROR: a mask whose size is not its image's.
pub const MASK_SIZE: &str = "MASK_SIZE";
/// INFO, on merging: an annotation equal to another, which stays.
pub const MERGED_DUPLICATE: &str = "MERGED_DUPLICATE";
/// ERROR: a row or document that names no image.
pub const MISSING_IMAGE: &str = "MISSING_IMAGE";
/// INFO: two columns, read as multi-label because an image has two classes.
pub const MULTI_LABEL: &str = "MULTI_LABEL";
/// WARNING: an image in the `classes` folder itself, below no class.
pub const NO_CLASS_FOLDER: &str = "NO_CLASS_FOLDER";
/// WARNING: a row with semicolons between its columns, read so.
pub const SEMICOLONS: &str = "SEMICOLONS";
/// WARNING: a row with tabs between its columns, read so.
pub const TABS: &str = "TABS";
/// INFO: a LabelMe shape that neither a box nor a mask is made of.
pub const UNSUPPORTED_SHAPE: &str = "UNSUPPORTED_SHAPE";

//! Codes of the findings that annotation types give. What each one costs (ERROR, WARNING, INFO) is said beside it.

/// ERROR: a path, or the name of a label file or mask, that fits several images.
pub const AMBIGUOUS_PATH: &str = "AMBIGUOUS_PATH";
/// ERROR: a row that is not in the document's encoding, or holds a NUL.
pub const BAD_ENCODING: &str = "BAD_ENCODING";
/// ERROR: a mask that is no mask. WARNING: one that holds other values than 0 and 1 and was read all the same.
pub const BAD_MASK: &str = "BAD_MASK";
/// ERROR: text, a non-finite number or a number out of range where a number is expected.
pub const BAD_NUMBER: &str = "BAD_NUMBER";
/// ERROR: a quote that is never closed, or closed in the middle of a column. Reading goes on with the next line.
pub const BAD_QUOTE: &str = "BAD_QUOTE";
/// ERROR: a LabelMe shape or COCO annotation that lacks what its kind needs. WARNING: a part of one, left out.
pub const BAD_SHAPE: &str = "BAD_SHAPE";
/// ERROR: XML that breaks off, breaks its grammar or goes on without end; what stands before the fault is read.
pub const BAD_XML: &str = "BAD_XML";
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
/// INFO: annotations that COCO marks `iscrowd`; they are kept like others, without the mark.
pub const CROWD: &str = "CROWD";
/// WARNING: an id that an earlier row has; the earlier one keeps it.
pub const DUPLICATE_ID: &str = "DUPLICATE_ID";
/// WARNING: a row that says again what an earlier one said.
pub const DUPLICATE_ROW: &str = "DUPLICATE_ROW";
/// ERROR: an empty or blank class.
pub const EMPTY_CLASS: &str = "EMPTY_CLASS";
/// WARNING: a document without a single row.
pub const EMPTY_DOCUMENT: &str = "EMPTY_DOCUMENT";
/// INFO: read in another encoding than UTF-8.
pub const ENCODING_GUESSED: &str = "ENCODING_GUESSED";
/// INFO, on export: numbers with a fraction of a pixel, which some readers of the format cut off or refuse.
pub const EXPORT_FRACTIONS: &str = "EXPORT_FRACTIONS";
/// WARNING, on export: masks of one label on one image, which the format keeps as one.
pub const EXPORT_INSTANCES_UNITED: &str = "EXPORT_INSTANCES_UNITED";
/// WARNING, on export: pixels of several labels, of which the format keeps one.
pub const EXPORT_OVERLAP: &str = "EXPORT_OVERLAP";
/// WARNING, on export: labels that the format cannot write as they are.
pub const EXPORT_RENAMED: &str = "EXPORT_RENAMED";
/// INFO, on export: numbers that do not come back to the last digit.
pub const EXPORT_ROUNDED: &str = "EXPORT_ROUNDED";
/// WARNING: so many findings that the rest is only counted.
pub const FINDINGS_LEFT_OUT: &str = "FINDINGS_LEFT_OUT";
/// WARNING: what the format written cannot say, left out.
pub const EXPORT_LEFT_OUT: &str = "EXPORT_LEFT_OUT";
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
/// ERROR: a row that names a category which its document does not have.
pub const MISSING_CATEGORY: &str = "MISSING_CATEGORY";
/// ERROR: a row or document that names no image, or files of a bundle that belong to none.
pub const MISSING_IMAGE: &str = "MISSING_IMAGE";
/// INFO: two columns, read as multi-label because an image has two classes.
pub const MULTI_LABEL: &str = "MULTI_LABEL";
/// INFO: annotations of a document that have no box, left out where boxes are read.
pub const NO_BOX: &str = "NO_BOX";
/// WARNING: an image in the `classes` folder itself, below no class.
pub const NO_CLASS_FOLDER: &str = "NO_CLASS_FOLDER";
/// WARNING: classes are known by their numbers only, and named by them.
pub const NO_CLASS_NAMES: &str = "NO_CLASS_NAMES";
/// INFO: images beside labelled ones, without a label file: nothing to label.
pub const NO_LABEL_FILE: &str = "NO_LABEL_FILE";
/// INFO: annotations of a document that have no mask, left out where masks are read.
pub const NO_MASK: &str = "NO_MASK";
/// WARNING: a row with semicolons between its columns, read so.
pub const SEMICOLONS: &str = "SEMICOLONS";
/// WARNING: a row with tabs between its columns, read so.
pub const TABS: &str = "TABS";
/// ERROR: a class number or colour that the names do not have.
pub const UNKNOWN_CLASS: &str = "UNKNOWN_CLASS";
/// INFO: a LabelMe shape that neither a box nor a mask is made of.
pub const UNSUPPORTED_SHAPE: &str = "UNSUPPORTED_SHAPE";
/// INFO: a document without names of classes; classes are called by their ids.
pub const UNNAMED_CLASSES: &str = "UNNAMED_CLASSES";
/// INFO: pixels of masks that are marked to be of no class, such as VOC's between objects.
pub const VOID_PIXELS: &str = "VOID_PIXELS";

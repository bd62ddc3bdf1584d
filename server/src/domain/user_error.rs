//! What a caller can put right, with the place in his arguments.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum UserErrorCode {
    Invalid,
    TooFewSources,
    NotFound,
    NameTaken,
    NotAvailable,
    ConfirmationRequired,
    AnnotationTypeMismatch,
    AnnotationSetNotInDataset,
    DuplicateSource,
    DuplicateImages,
    UnsupportedFormat,
    UploadIncomplete,
    SourceChanged,
    Forbidden,
    QuotaExceeded,
}

/// What the caller can put right.
#[derive(Debug, Clone, PartialEq, Eq, async_graphql::SimpleObject)]
pub struct UserError {
    pub code: UserErrorCode,
    /// What was found and what to do, in one or two sentences.
    pub message: String,
    /// Into the arguments, such as `["input", "sources", "1", "annotationSet"]`.
    pub path: Vec<String>,
}

impl UserError {
    pub fn new(code: UserErrorCode, path: &[&str], message: impl Into<String>) -> Self {
        Self { code, message: message.into(), path: path.iter().map(|each| (*each).to_owned()).collect() }
    }
}

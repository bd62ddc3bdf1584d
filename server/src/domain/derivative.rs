//! What systems outside made from a dataset or an annotation set, and how much of it there is.

use super::ids::{AnnotationSetId, DatasetId, DerivativeId};
use super::user_error::{UserError, UserErrorCode};
use chrono::{DateTime, Utc};
use url::Url;

#[derive(Debug, Clone)]
pub struct Derivative {
    pub id: DerivativeId,
    pub dataset_id: DatasetId,
    /// `None`: made from the dataset as a whole.
    pub annotation_set_id: Option<AnnotationSetId>,
    pub kind: DerivativeKind,
    pub name: String,
    /// Where people find it; http or https.
    pub url: Option<String>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum DerivativeKind {
    AnnotationProject,
    AnnotationJob,
    TrainingTask,
    Inference,
}

impl DerivativeKind {
    pub const ALL: [Self; 4] = [Self::AnnotationProject, Self::AnnotationJob, Self::TrainingTask, Self::Inference];

    /// The word in the database, in GraphQL and in webhooks.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnnotationProject => "ANNOTATION_PROJECT",
            Self::AnnotationJob => "ANNOTATION_JOB",
            Self::TrainingTask => "TRAINING_TASK",
            Self::Inference => "INFERENCE",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How many derivatives of each kind something has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub projects: i64,
    pub jobs: i64,
    pub training_tasks: i64,
    pub inferences: i64,
}

impl Usage {
    pub fn add(&mut self, kind: DerivativeKind, count: i64) {
        let counted = match kind {
            DerivativeKind::AnnotationProject => &mut self.projects,
            DerivativeKind::AnnotationJob => &mut self.jobs,
            DerivativeKind::TrainingTask => &mut self.training_tasks,
            DerivativeKind::Inference => &mut self.inferences,
        };
        *counted += count;
    }

    pub fn total(&self) -> i64 {
        self.projects + self.jobs + self.training_tasks + self.inferences
    }
}

/// Longest address of a derivative, in bytes as it is written in a link.
pub const MAX_URL_BYTES: usize = 2048;

/// The address in the form that a browser would send it, for people to follow.
///
/// # Errors
/// `INVALID` when it is none, longer than [`MAX_URL_BYTES`], or not http or https: it is shown as a link, and other
/// schemes would run what they carry.
pub fn require_url(text: &str, path: &[&str]) -> Result<String, UserError> {
    let refused = |message: String| UserError::new(UserErrorCode::Invalid, path, message);
    if text.len() > MAX_URL_BYTES {
        let message = format!("The address has {} bytes; at most {MAX_URL_BYTES} are allowed.", text.len());
        return Err(refused(message));
    }
    let url = Url::parse(text).map_err(|error| {
        refused(format!("This is no whole address ({error}): give one like https://tool.example/project/7."))
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(format!("The address begins with {}: only http: and https: are allowed.", url.scheme())));
    }
    if url.as_str().len() > MAX_URL_BYTES {
        let message = format!("The address has {} bytes as a link; {MAX_URL_BYTES} are allowed.", url.as_str().len());
        return Err(refused(message));
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_from_its_word() {
        for kind in DerivativeKind::ALL {
            assert_eq!(DerivativeKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(DerivativeKind::parse("PROJECT"), None);
    }

    #[test]
    fn usage_counts_each_kind_for_itself() {
        let mut usage = Usage::default();
        for (kind, count) in DerivativeKind::ALL.into_iter().zip([1, 20, 300, 4000]) {
            usage.add(kind, count);
        }
        assert_eq!(usage, Usage { projects: 1, jobs: 20, training_tasks: 300, inferences: 4000 });
        assert_eq!(usage.total(), 4321);
    }

    #[test]
    fn only_whole_web_addresses_of_a_fair_length_are_taken() {
        let fair = format!("https://x/{}", "a".repeat(MAX_URL_BYTES - 10));
        for good in ["https://tool.example/projects/7?tab=1#top", "http://10.0.0.5:8080/", fair.as_str()] {
            assert_eq!(require_url(good, &["input", "url"]), Ok(good.to_owned()));
        }
        let long = format!("{fair}a");
        // Each letter becomes six bytes of a link.
        let grows = format!("https://x/{}", "é".repeat(500));
        for bad in ["", "projects/7", "//x/y", "javascript:alert(1)", "data:text/html,x", "ftp://x/", &long, &grows] {
            let error = require_url(bad, &["input", "url"]).unwrap_err();
            assert_eq!((error.code, error.path.join(".")), (UserErrorCode::Invalid, "input.url".to_owned()), "{bad}");
        }
    }
}

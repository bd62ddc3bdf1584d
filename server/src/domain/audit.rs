//! Who did what, when, by which credential and from where.

use super::ids::{AuditEventId, DatasetId, UserId};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// A closed list; each is stored as its text.
macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// What somebody did.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
        pub enum AuditAction {
            $($(#[$doc])* $variant,)+
        }

        impl AuditAction {
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

actions! {
    SignedIn = "SIGNED_IN",
    /// `details.user`: the name that was given.
    SignInFailed = "SIGN_IN_FAILED",
    SignedOut = "SIGNED_OUT",
    UserCreated = "USER_CREATED",
    UserUpdated = "USER_UPDATED",
    PasswordChanged = "PASSWORD_CHANGED",
    TokenCreated = "TOKEN_CREATED",
    TokenRevoked = "TOKEN_REVOKED",
    GroupCreated = "GROUP_CREATED",
    GroupDeleted = "GROUP_DELETED",
    GroupMemberAdded = "GROUP_MEMBER_ADDED",
    GroupMemberRemoved = "GROUP_MEMBER_REMOVED",
    DatasetImported = "DATASET_IMPORTED",
    DatasetsCombined = "DATASETS_COMBINED",
    DatasetRenamed = "DATASET_RENAMED",
    DatasetDeleted = "DATASET_DELETED",
    DatasetShared = "DATASET_SHARED",
    DatasetUnshared = "DATASET_UNSHARED",
    DatasetExported = "DATASET_EXPORTED",
    /// The archive of an export was asked for.
    ExportDownloaded = "EXPORT_DOWNLOADED",
    AnnotationSetImported = "ANNOTATION_SET_IMPORTED",
    AnnotationSetCreated = "ANNOTATION_SET_CREATED",
    AnnotationSetDeleted = "ANNOTATION_SET_DELETED",
    ImagesAnnotated = "IMAGES_ANNOTATED",
    DerivativeRegistered = "DERIVATIVE_REGISTERED",
    DerivativeRemoved = "DERIVATIVE_REMOVED",
    JobCancelled = "JOB_CANCELLED",
    PluginsReloaded = "PLUGINS_RELOADED",
}

#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    pub id: AuditEventId,
    pub happened_at: DateTime<Utc>,
    pub action: AuditAction,
    /// `None`: the operator at the machine, or nobody who is known.
    pub user_id: Option<UserId>,
    /// As it was then.
    pub user_name: String,
    /// The id of the token or session.
    pub credential: Option<String>,
    pub address: Option<String>,
    pub dataset_id: Option<DatasetId>,
    /// As it was then.
    pub dataset_name: Option<String>,
    /// What else there is to say: ids, names, counts; nothing out of files.
    pub details: Value,
}

/// Which events a list has.
#[derive(Debug, Clone, Default)]
pub struct AuditEventFilter {
    pub actions: Option<Vec<AuditAction>>,
    pub user_id: Option<UserId>,
    pub dataset_id: Option<DatasetId>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_reads_back() {
        assert_eq!(AuditAction::parse(AuditAction::DatasetShared.as_str()), Some(AuditAction::DatasetShared));
        assert_eq!(AuditAction::parse("dataset_shared"), None);
    }
}

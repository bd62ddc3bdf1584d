//! What programs sign requests with. The secret itself is not kept, only its digest.

use super::access::Access;
use super::ids::{ApiTokenId, UserId};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub user_id: UserId,
    /// Says what it is for; several may have the same.
    pub name: String,
    pub access: Access,
    pub created_at: DateTime<Utc>,
    /// Not taken from then on; `None`: until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

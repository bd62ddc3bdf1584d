//! Users that datasets are shared with together, and whom a dataset is shared with.

use super::access::DatasetRole;
use super::ids::{DatasetId, DatasetShareId, GroupId, UserId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
}

/// Whom something is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grantee {
    User(UserId),
    Group(GroupId),
}

/// What a user or a group may do with a dataset that somebody else owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatasetShare {
    pub id: DatasetShareId,
    pub dataset_id: DatasetId,
    pub grantee: Grantee,
    pub role: DatasetRole,
}

//! Who asks, and what he may see. The check itself is one rule; services apply it.

use super::ids::UserId;

/// The signed-in user behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub id: UserId,
    pub name: String,
    pub is_admin: bool,
}

/// Whose datasets, jobs and uploads a query may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    Everything,
    OwnedBy(UserId),
}

impl Viewer {
    /// Administrators see everything, others what they own.
    pub fn scope(&self) -> Scope {
        if self.is_admin { Scope::Everything } else { Scope::OwnedBy(self.id) }
    }
}

impl Scope {
    pub fn includes(self, owner: UserId) -> bool {
        match self {
            Self::Everything => true,
            Self::OwnedBy(user) => user == owner,
        }
    }
}

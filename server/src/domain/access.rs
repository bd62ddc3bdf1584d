//! Who asks, by what, and what he may see and do. The rules are plain; `services::permission` applies them.

use super::ids::{ApiTokenId, SessionId, UserId};
use std::net::IpAddr;

/// The signed-in user behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub id: UserId,
    pub name: String,
    /// Is an administrator, and the credential may be used as one.
    pub is_admin: bool,
    /// The most that the credential may be used for.
    pub access: Access,
    pub credential: Credential,
    /// Where the request came from; nowhere for the command line.
    pub address: Option<IpAddr>,
}

/// What a credential may be used for; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, async_graphql::Enum)]
#[graphql(name = "TokenScope")]
pub enum Access {
    /// See what its user may see.
    Read,
    /// Change what its user may change, but as no administrator, and no tokens and passwords, and share nothing.
    Write,
    /// Everything that its user may do.
    Admin,
}

/// What a request was signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    Token(ApiTokenId),
    Session(SessionId),
    /// Somebody at the machine itself, by the command line.
    Operator,
}

/// What somebody may do with a dataset; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, async_graphql::Enum)]
pub enum DatasetRole {
    /// See it, export it, combine it.
    Viewer,
    /// Rename it, change its annotations and derivatives.
    Editor,
    /// Share and delete it.
    Owner,
}

/// Whose datasets, jobs and uploads a query may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    Everything,
    /// What the user owns, and what is shared with him or with a group of his.
    Of(UserId),
}

impl Viewer {
    /// Administrators see everything, others what they own and what is shared with them.
    pub fn scope(&self) -> Scope {
        if self.is_admin { Scope::Everything } else { Scope::Of(self.id) }
    }

    /// Somebody at the machine itself, who may do everything.
    pub fn operator() -> Self {
        Self {
            id: UserId(0),
            name: "operator".to_owned(),
            is_admin: true,
            access: Access::Admin,
            credential: Credential::Operator,
            address: None,
        }
    }
}

impl Scope {
    /// For what is never shared.
    pub fn owns(self, owner: UserId) -> bool {
        match self {
            Self::Everything => true,
            Self::Of(user) => user == owner,
        }
    }
}

/// Defines the text by which each value of a closed list is stored.
macro_rules! stored_as {
    ($type:ty { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
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

stored_as!(Access { Read = "READ", Write = "WRITE", Admin = "ADMIN" });
stored_as!(DatasetRole { Viewer = "VIEWER", Editor = "EDITOR", Owner = "OWNER" });

impl std::fmt::Display for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Token(id) => id.fmt(f),
            Self::Session(id) => id.fmt(f),
            Self::Operator => f.write_str("command line"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back() {
        for access in [Access::Read, Access::Write, Access::Admin] {
            assert_eq!(Access::parse(access.as_str()), Some(access));
        }
        for role in [DatasetRole::Viewer, DatasetRole::Editor, DatasetRole::Owner] {
            assert_eq!(DatasetRole::parse(role.as_str()), Some(role));
        }
        assert_eq!(Access::parse("read"), None);
    }

    #[test]
    fn each_role_and_each_scope_includes_those_before_it() {
        assert!(DatasetRole::Viewer < DatasetRole::Editor && DatasetRole::Editor < DatasetRole::Owner);
        assert!(Access::Read < Access::Write && Access::Write < Access::Admin);
    }
}

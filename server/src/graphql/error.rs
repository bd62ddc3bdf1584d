//! From a service's error to what a client reads: `userErrors`, or a top-level error with a code of a closed list.

use crate::domain::request_id::RequestId;
use crate::domain::user_error::{UserError, UserErrorCode};
use crate::plugin_host::PluginErrorKind;
use crate::services::{DISK_FULL, ServiceError, ServiceResult};
use async_graphql::{Context, Error, ErrorExtensions, Result, ServerError};

/// Every `extensions.code` of this server's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// No credentials, or wrong ones.
    Unauthenticated,
    /// An argument that the caller can put right.
    BadUserInput,
    /// More than a limit of the configuration allows; `extensions.limit` names it, with `actual` and `allowed`.
    LimitExceeded,
    /// Not there, or not for the caller.
    NotFound,
    /// There, but the caller's role or the scope of his token does not allow it.
    Forbidden,
    /// A plugin could not do what was asked with this file.
    PluginFailed,
    /// A plugin's process had to be given up, or is switched off; the code says why: `PLUGIN_CRASHED`,
    /// `PLUGIN_TIMEOUT`, `PLUGIN_MEMORY`, `PLUGIN_PROTOCOL` or `PLUGIN_SUSPENDED`.
    Plugin(&'static str),
    /// A fault of the server; `extensions.requestId` finds it in the log.
    Internal,
}

impl Code {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::Forbidden => "FORBIDDEN",
            Self::PluginFailed => "PLUGIN_FAILED",
            Self::Plugin(code) => code,
            Self::Internal => "INTERNAL",
        }
    }
}

pub fn plain(code: Code, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// The same for a request that is not executed: it stands at no place of the answer.
pub fn with_code(code: Code, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code.as_str());
    error
}

pub fn not_found(what: &str) -> Error {
    plain(Code::NotFound, format!("There is no such {what}, or you may not see it."))
}

/// A service's result as a resolver's: nothing of an internal fault gets out but the request's id.
pub trait ForClients<T> {
    fn for_clients(self, context: &Context<'_>) -> Result<T>;
}

impl<T> ForClients<T> for ServiceResult<T> {
    fn for_clients(self, context: &Context<'_>) -> Result<T> {
        self.map_err(|error| top_level(context, &error))
    }
}

impl<T> ForClients<T> for std::result::Result<T, UserError> {
    fn for_clients(self, context: &Context<'_>) -> Result<T> {
        self.map_err(ServiceError::from).for_clients(context)
    }
}

/// Loaders share an error among all who wait for it.
impl<T> ForClients<T> for std::result::Result<T, std::sync::Arc<ServiceError>> {
    fn for_clients(self, context: &Context<'_>) -> Result<T> {
        self.map_err(|error| top_level(context, &error))
    }
}

fn top_level(context: &Context<'_>, error: &ServiceError) -> Error {
    match error {
        ServiceError::User(errors) => plain(code_of(errors), error.to_string()),
        ServiceError::Plugin(plugin) if plugin.kind != PluginErrorKind::Internal => {
            plain(plugin.kind.code().map_or(Code::PluginFailed, Code::Plugin), plugin.to_string())
        }
        _ => internal(context, error),
    }
}

fn code_of(errors: &[UserError]) -> Code {
    let all = |code| errors.iter().all(|error| error.code == code);
    match () {
        () if all(UserErrorCode::NotFound) => Code::NotFound,
        () if all(UserErrorCode::Forbidden) => Code::Forbidden,
        () => Code::BadUserInput,
    }
}

/// A fault of the server's that no service found: `what` goes to the log.
pub fn broken(context: &Context<'_>, what: impl Into<String>) -> Error {
    internal(context, &ServiceError::Broken(what.into()))
}

fn internal(context: &Context<'_>, error: &ServiceError) -> Error {
    let request_id = context.data_opt::<RequestId>().map_or("unknown", |id| id.0.as_str()).to_owned();
    tracing::error!(request.id = %request_id, %error, "a request failed");
    let message = match error.is_disk_full() {
        true => DISK_FULL,
        false => "The server failed; its log has more under this request id.",
    };
    plain(Code::Internal, message).extend_with(|_, extensions| extensions.set("requestId", request_id.as_str()))
}

/// What a mutation returns: its payload, with the errors that the caller can put right inside it.
pub fn payload<T, P>(
    context: &Context<'_>,
    result: ServiceResult<T>,
    done: impl FnOnce(T) -> P,
    refused: impl FnOnce(Vec<UserError>) -> P,
) -> Result<P> {
    match result {
        Err(ServiceError::User(errors)) => Ok(refused(errors)),
        result => result.for_clients(context).map(done),
    }
}

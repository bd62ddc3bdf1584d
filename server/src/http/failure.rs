//! What a request fails with, outside GraphQL's own answers: a status and a sentence as JSON.

use crate::domain::user_error::UserErrorCode;
use crate::plugin_host::{PluginError, PluginErrorKind};
use crate::services::{DISK_FULL, ServiceError};
use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

/// The body is `{"error": sentence}`, with `"code"` where a plugin had to be given up; for GraphQL clients `{"errors": [{"message", "extensions": {"code"}}]}`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    status: StatusCode,
    message: String,
    /// Of a plugin's process that had to be given up, or is switched off.
    plugin_code: Option<&'static str>,
    for_graphql: bool,
    /// When asking again may help.
    retry_after_seconds: Option<u64>,
}

impl Failure {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), plugin_code: None, for_graphql: false, retry_after_seconds: None }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The same answer for what is not there and for what the viewer may not see.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("There is no such {what}, or you may not see it."))
    }

    pub fn too_often(message: impl Into<String>, retry_after_seconds: u64) -> Self {
        let retry_after_seconds = Some(retry_after_seconds);
        Self { retry_after_seconds, ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
    }

    /// The same failure in the shape that GraphQL clients read.
    pub fn for_graphql(self) -> Self {
        Self { for_graphql: true, ..self }
    }

    fn code(&self) -> &'static str {
        match self.status {
            StatusCode::UNAUTHORIZED => "UNAUTHENTICATED",
            StatusCode::FORBIDDEN => "FORBIDDEN",
            StatusCode::TOO_MANY_REQUESTS | StatusCode::PAYLOAD_TOO_LARGE => "LIMIT_EXCEEDED",
            status if status.is_server_error() => "INTERNAL",
            _ => "BAD_USER_INPUT",
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if self.for_graphql {
            let error = json!({"message": self.message, "extensions": {"code": self.code()}});
            return response.json(json!({"errors": [error]}));
        }
        match self.plugin_code {
            Some(code) => response.json(json!({"error": self.message, "code": code})),
            None => response.json(json!({"error": self.message})),
        }
    }
}

impl From<ServiceError> for Failure {
    /// What the caller can't put right goes to the log; he gets the request's id with every response.
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::User(ref errors) => {
                let status = match errors.first().map(|each| each.code) {
                    Some(UserErrorCode::NotFound) => StatusCode::NOT_FOUND,
                    Some(UserErrorCode::Forbidden) => StatusCode::FORBIDDEN,
                    Some(UserErrorCode::QuotaExceeded) => StatusCode::PAYLOAD_TOO_LARGE,
                    Some(UserErrorCode::NotAvailable) => StatusCode::CONFLICT,
                    _ => StatusCode::BAD_REQUEST,
                };
                Self::new(status, error.to_string())
            }
            ServiceError::Plugin(error) => error.into(),
            error if error.is_disk_full() => disk_full(&error),
            error => internal(&error),
        }
    }
}

impl From<PluginError> for Failure {
    fn from(error: PluginError) -> Self {
        let status = match error.kind {
            PluginErrorKind::Invalid => StatusCode::BAD_REQUEST,
            PluginErrorKind::Cancelled | PluginErrorKind::Suspended => StatusCode::SERVICE_UNAVAILABLE,
            PluginErrorKind::Internal => return internal(&error),
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let message = format!("The image cannot be shown: {error}.");
        Self { plugin_code: error.kind.code(), ..Self::new(status, message) }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        ServiceError::from(error).into()
    }
}

fn disk_full(error: &dyn std::error::Error) -> Failure {
    tracing::error!(error = %chain(error), "the disk is full");
    Failure::new(StatusCode::INSUFFICIENT_STORAGE, DISK_FULL)
}

fn internal(error: &dyn std::error::Error) -> Failure {
    tracing::error!(error = %chain(error), "the request failed");
    let message = "The server failed at this request; its log says why, under the id in the header x-request-id.";
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, message)
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_a_use_case_has_its_status() {
        let plugin = |kind| PluginError { kind, plugin: "dicom".to_owned(), message: "why".to_owned() };
        let table = [
            (ServiceError::not_found("dataset", &["id"]), 404),
            (ServiceError::user(UserErrorCode::Invalid, &["name"], "why"), 400),
            (ServiceError::user(UserErrorCode::NotAvailable, &["upload"], "why"), 409),
            (plugin(PluginErrorKind::Corrupt).into(), 422),
            (plugin(PluginErrorKind::NoPixels).into(), 422),
            (plugin(PluginErrorKind::Invalid).into(), 400),
            (plugin(PluginErrorKind::Internal).into(), 500),
            (ServiceError::Broken("why".to_owned()), 500),
        ];
        for (error, status) in table {
            let text = format!("{error:?}");
            assert_eq!(Failure::from(error).status_code().as_u16(), status, "{text}");
        }
    }

    #[test]
    fn what_went_wrong_inside_is_not_told_outside() {
        let failure = Failure::from(ServiceError::Broken("SELECT * FROM users".to_owned()));
        assert!(!failure.to_string().contains("users"), "{failure}");
    }
}

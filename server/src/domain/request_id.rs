//! The id that one request has in responses and in the log.

#[derive(Debug, Clone)]
pub struct RequestId(pub String);

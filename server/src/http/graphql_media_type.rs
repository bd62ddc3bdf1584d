//! What a client of `/graphql` wants its answer as, out of its `Accept` header (RFC 9110, section 12.5.1).

use super::failure::Failure;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, Accept, Header as _, Quality};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// What every client understands. Its status is 200 whenever the request was one.
    Json,
    /// The newer one of GraphQL over HTTP: its status says that nothing was executed.
    GraphqlJson,
    /// Server-sent events: one for each result, until the operation is complete.
    EventStream,
}

impl MediaType {
    const ALL: [Self; 3] = [Self::GraphqlJson, Self::Json, Self::EventStream];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GraphqlJson => "application/graphql-response+json",
            Self::EventStream => "text/event-stream",
        }
    }

    /// JSON where the client has no wish.
    ///
    /// # Errors
    /// 406 when it takes none of what there is, before anything is executed.
    pub fn wanted(request: &HttpRequest) -> Result<Self, Failure> {
        if !request.headers().contains_key(ACCEPT) {
            return Ok(Self::Json);
        }
        let Ok(accept) = Accept::parse(request) else { return Ok(Self::Json) };
        if accept.is_empty() {
            return Ok(Self::Json);
        }
        Self::best(&accept).ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            let message = format!("None of the media types in `Accept` is one that this address answers with: {all}.");
            Failure::new(StatusCode::NOT_ACCEPTABLE, message)
        })
    }

    /// The one with the highest quality; then one that is named before one that a pattern means; then the first.
    fn best(accept: &Accept) -> Option<Self> {
        let is_named = |wanted: Self, essence: &str| essence.eq_ignore_ascii_case(wanted.as_str());
        let named = |essence: &str| Self::ALL.into_iter().find(|each| is_named(*each, essence));
        let takes_json =
            !accept.iter().any(|each| each.quality == Quality::ZERO && is_named(Self::Json, each.item.essence_str()));
        let mut best: Option<(Quality, bool, Self)> = None;
        for each in accept.iter().filter(|each| each.quality > Quality::ZERO) {
            let essence = each.item.essence_str();
            let by_pattern = || (takes_json && matches!(essence, "*/*" | "application/*")).then_some(Self::Json);
            let name = named(essence);
            let Some(media_type) = name.or_else(by_pattern) else { continue };
            let rank = (each.quality, name.is_some());
            if best.is_none_or(|(quality, is_name, _)| rank > (quality, is_name)) {
                best = Some((rank.0, rank.1, media_type));
            }
        }
        best.map(|(_, _, media_type)| media_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_wish_of_the_highest_quality_is_met() {
        use MediaType::{EventStream, GraphqlJson, Json};
        let table = [
            (None, Some(Json)),
            (Some(""), Some(Json)),
            (Some("*/*"), Some(Json)),
            (Some("application/*"), Some(Json)),
            (Some("application/json"), Some(Json)),
            (Some("application/json; charset=utf-8"), Some(Json)),
            (Some("application/graphql-response+json"), Some(GraphqlJson)),
            (Some("Application/GraphQL-Response+JSON"), Some(GraphqlJson)),
            (Some("application/graphql-response+json, application/json;q=0.9, */*;q=0.1"), Some(GraphqlJson)),
            (Some("application/json;q=0.9, application/graphql-response+json"), Some(GraphqlJson)),
            (Some("application/json, application/graphql-response+json;q=0.9"), Some(Json)),
            (Some("*/*, application/graphql-response+json"), Some(GraphqlJson)),
            (Some("application/graphql-response+json;q=0, */*"), Some(Json)),
            (Some("text/event-stream"), Some(EventStream)),
            (Some("text/html, application/xhtml+xml, */*;q=0.8"), Some(Json)),
            (Some("text/html"), None),
            (Some("application/json;q=0"), None),
            (Some("application/json;q=0, */*"), None),
        ];
        for (accept, expected) in table {
            let mut request = TestRequest::default();
            if let Some(value) = accept {
                request = request.insert_header((ACCEPT, value));
            }
            assert_eq!(MediaType::wanted(&request.to_http_request()).ok(), expected, "{accept:?}");
        }
    }
}

//! `/health/live` and `/health/ready`: whether to restart the server, and whether to send it requests. No token.

use super::state::HttpState;
use actix_web::{HttpResponse, web};
use serde_json::json;

pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "live"}))
}

pub async fn ready(state: web::Data<HttpState>) -> HttpResponse {
    if state.draining.is_cancelled() {
        return HttpResponse::ServiceUnavailable().json(json!({"status": "stopping"}));
    }
    match state.services.db.ping().await {
        Ok(()) => HttpResponse::Ok().json(json!({"status": "ready"})),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            HttpResponse::ServiceUnavailable().json(json!({"status": "the database does not answer"}))
        }
    }
}

//! HTTP: bytes in, bytes out. Handlers read a request, ask one service and write a response; what is allowed and what
//! is true is decided further right.

mod annotation_bytes;
mod body_head;
mod byte_range;
mod client_address;
mod conditional;
mod exports;
mod failure;
mod findings;
mod graphiql;
mod graphql;
mod graphql_events;
mod graphql_media_type;
mod graphql_socket;
mod health;
pub mod metrics;
mod originals;
mod rate_limit;
mod renditions;
mod request_log;
mod responses;
mod routes;
mod same_origin;
mod security_headers;
mod session_cookie;
mod sign_in;
mod signed_in;
mod state;
mod stored_file;
mod tls;
mod uploads;

pub use rate_limit::RateLimits;
pub use routes::{Route, RouteAccess};
pub use state::HttpState;
pub use tls::Certificate;

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use failure::Failure;
use std::net::TcpListener;
use std::time::Duration;

/// Time for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// A server on the listener, plain or by TLS; it runs when awaited. On a graceful stop, requests that are under way get
/// `drain_timeout` to end.
///
/// # Errors
/// When the listener is not one.
pub fn server(
    listener: TcpListener,
    tls: Option<rustls::ServerConfig>,
    state: web::Data<HttpState>,
    drain_timeout: Duration,
) -> std::io::Result<Server> {
    let app = move || {
        App::new()
            .configure(|config| configure(config, state.clone()))
            .wrap(from_fn(rate_limit::limit_rate))
            .wrap(security_headers::security_headers())
            .wrap(from_fn(request_log::log_request))
    };
    let server = HttpServer::new(app)
        .disable_signals()
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(drain_timeout.as_secs());
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// Every route, as [`Route`] lists them.
pub fn configure(config: &mut ServiceConfig, state: web::Data<HttpState>) {
    let has_graphiql = state.has_graphiql;
    config
        .app_data(state)
        .service(Route::Graphql.resource().get(graphql::get).post(graphql::post))
        .service(Route::GraphqlSocket.resource().get(graphql_socket::open))
        .service(Route::Live.resource().get(health::live))
        .service(Route::Ready.resource().get(health::ready))
        .service(Route::Metrics.resource().get(metrics::show))
        .configure(|config| {
            if has_graphiql {
                graphiql::configure(config)
            }
        })
        .configure(sign_in::configure)
        .configure(uploads::configure)
        .configure(configure_bytes)
        .default_service(web::to(nothing_here));
}

fn configure_bytes(config: &mut ServiceConfig) {
    config
        .service(Route::Export.resource().get(exports::show).route(web::head().to(exports::show)))
        .service(Route::Findings.resource().get(findings::show).route(web::head().to(findings::show)))
        .service(Route::Original.resource().get(originals::show).route(web::head().to(originals::show)))
        .service(Route::Rendition.resource().get(renditions::rendition).route(web::head().to(renditions::rendition)))
        .service(Route::Thumbnail.resource().get(renditions::thumbnail).route(web::head().to(renditions::thumbnail)))
        .service(Route::Mask.resource().get(annotation_bytes::mask).route(web::head().to(annotation_bytes::mask)))
        .service(
            Route::LabelDistribution
                .resource()
                .get(annotation_bytes::label_distribution)
                .route(web::head().to(annotation_bytes::label_distribution)),
        );
}

async fn nothing_here() -> Result<HttpResponse, Failure> {
    let message = "Nothing is at this address: the API is at /graphql, its page at /graphiql.";
    Err(Failure::new(StatusCode::NOT_FOUND, message))
}

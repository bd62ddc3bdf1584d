//! The server behind the `lightbox` binary. Modules use only what stands to their right:
//! cli → app, http → graphql → services → db | blobs | plugin_host | oidc → domain; jobs, webhooks → services.

pub mod app;
pub mod backup;
pub mod blobs;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod graphql;
pub mod http;
pub mod jobs;
mod oidc;
pub mod plugin_host;
pub mod services;
mod webhooks;

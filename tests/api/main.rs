//! The public API, through the real binary: each file has one subject. What the harness can is in `support`.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod annotate;
mod annotation_set_imports;
mod backup;
mod broken_rows;
mod bytes;
mod check;
mod cli;
mod combine;
mod combine_errors;
mod combine_model;
mod combine_pixels;
mod contract;
mod datasets;
mod delete;
mod derivatives;
mod dicom;
mod exports;
mod findings;
mod graphiql;
mod graphql_cop;
mod graphql_http;
mod graphql_limits;
mod hostile_classes;
mod http_audits;
mod images;
mod imports;
mod imports_embedded;
mod imports_formats;
mod imports_limits;
mod imports_refused;
mod imports_test_data;
mod jobs;
mod live;
mod malformed;
mod permission;
mod pictures;
mod plugins_hostile;
mod plugins_keypoints;
mod plugins_nifti;
mod plugins_processes;
mod plugins_reload;
mod plugins_settings;
mod rate_limits;
mod reads;
mod round_trips;
mod security_headers;
mod sql_statements;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod uploads;
mod webhooks;

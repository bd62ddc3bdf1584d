//! The server's plugin host for the targets `host` and `worker_protocol`, taken in file by file: the whole server under
//! a sanitizer would take longer to build than to fuzz. Nothing of the server is written again here.
#![allow(dead_code, reason = "the targets reach a part of what the files hold; the server uses all of it")]

mod domain;
pub mod plugin_host;
mod script;

//! Imports that reach a limit of the server's.

use crate::support::Server;
use crate::support::archives::pictures;
use crate::support::client::string;

#[test]
fn an_archive_with_too_many_entries_fails_and_names_the_limit() {
    let mut server = Server::with_settings(&[("LIGHTBOX_LIMITS__ARCHIVE_ENTRIES", "3")]);
    let client = server.admin();
    let imported = client.import("too many", &pictures(4, 1));
    assert_eq!(imported.state(), "FAILED");
    let error = string(&imported.job["error"]);
    assert!(error.contains("ARCHIVE_LIMIT: the archive has 4 entries"), "{error}");
    assert!(error.contains("limits.archive_entries allows at most 3"), "{error}");
    client.dataset("enough", &pictures(3, 1));
    server.end_and_check();
}

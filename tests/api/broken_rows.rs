//! Rows that do not fit together: a fault of the server's, told by a request id alone.

use crate::check::sql;
use crate::support::Server;
use crate::support::archives::labelled;
use serde_json::json;

#[test]
fn annotations_that_do_not_read_back_are_told_by_the_requests_id() {
    let mut server = Server::start();
    let client = server.admin();
    let dataset = client.dataset("broken", &labelled(2, 1840, "image/0.png,a\nimage/1.png,b\n"));
    let set = client.annotation_sets(&dataset).remove(0);
    server.end_and_check();
    // Boxes that nobody stored.
    sql(&server, "UPDATE annotation_sets SET annotation_type = 'detection'");
    let server = server.restart();
    let query = "query($id: ID!) { annotationSet(id: $id) { images { edges { annotations { id } } } } }";
    let reply = server.admin().graphql(query, json!({ "id": set["id"] }));
    let error = &reply["errors"][0];
    assert_eq!(error["extensions"]["code"], "INTERNAL", "{reply}");
    let request = error["extensions"]["requestId"].as_str().unwrap();
    let told = error["message"].as_str().unwrap();
    assert!(!told.contains("image-") && !told.contains("annotationset-"), "{told}");
    let log = server.log();
    let line = log.lines().find(|line| line.contains(request) && line.contains("do not read back"));
    assert!(line.is_some_and(|line| line.contains("annotationset-")), "{log}");
}

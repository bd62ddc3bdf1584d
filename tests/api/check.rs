//! `lightbox check`: what it finds, what it repairs, and what it leaves alone.

use crate::cli::told;
use crate::delete::stored_files;
use crate::support::Server;
use crate::support::archives::labelled;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

/// Runs one statement in the database of a server that does not run.
pub fn sql(server: &Server, statement: &str) {
    let url = format!("sqlite://{}", server.data_dir().join("lightbox.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let database = sea_orm::Database::connect(url).await.unwrap();
        assert!(database.execute_unprepared(statement).await.unwrap().rows_affected() > 0, "{statement}");
        database.close().await.unwrap();
    });
}

#[test]
fn check_finds_what_is_wrong_and_repairs_what_can_be() {
    let mut server = Server::start();
    let client = server.admin();
    client.dataset("checked", &labelled(3, 1830, "image/0.png,a\nimage/1.png,b\n"));
    let (code, _, error) = told(server.run(&["check"]));
    assert!(code == 1 && error.contains("in use"), "{error}");
    server.end_and_check();

    let files = server.data_dir().join("blobs/files");
    let orphan = "cd".repeat(32);
    std::fs::create_dir_all(files.join("cd")).unwrap();
    std::fs::write(files.join("cd").join(&orphan), b"nobody's").unwrap();
    std::fs::write(server.data_dir().join("uploads/upload-5"), b"nobody's").unwrap();
    sql(&server, "UPDATE datasets SET image_count = 99");
    sql(&server, "UPDATE labels SET annotation_count = annotation_count + 1 WHERE name = 'a'");
    sql(&server, "UPDATE annotation_sets SET study_count = 0");
    let (code, out, _) = told(server.run(&["check"]));
    assert_eq!(code, 1, "{out}");
    for expected in [orphan.as_str(), "upload-5", "dataset-", "annotationset-", "4 problems, 0 repaired"] {
        assert!(out.contains(expected), "{expected} is not in {out}");
    }
    let (code, out, _) = told(server.run(&["check", "--repair"]));
    assert!(code == 0 && out.contains("4 problems, 4 repaired"), "{out}");
    server.end_and_check();
    assert_eq!(stored_files(&server).len(), 3);

    let mut stored = stored_files(&server).into_iter();
    let (damaged, missing) = (stored.next().unwrap(), stored.next().unwrap());
    let path = |file: &str| files.join(&file[..2]).join(file);
    let mut bytes = std::fs::read(path(&damaged)).unwrap();
    bytes[20] ^= 1;
    std::fs::write(path(&damaged), bytes).unwrap();
    std::fs::remove_file(path(&missing)).unwrap();
    let (code, out, _) = told(server.run(&["check", "--repair"]));
    assert_eq!(code, 1, "what is lost cannot be repaired: {out}");
    assert!(out.contains(&format!("{damaged} is damaged")) && out.contains(&format!("{missing} is missing")), "{out}");
    let server = server.restart();
    assert_eq!(
        server.admin().data("{ datasets { nodes { imageCount } } }", Value::Null)["datasets"]["nodes"][0]["imageCount"],
        3
    );
}

#[test]
fn check_counts_again_what_studies_jobs_and_labels_keep() {
    let mut server = Server::start();
    let client = server.admin();
    let imported = client.import("recounted", &labelled(3, 1831, "image/0.png,a\nimage/1.png,b\nnowhere.png,a\n"));
    let count = imported.findings.len();
    assert!(imported.codes().contains(&"MISSING_IMAGE"));
    server.end_and_check();
    let table = [
        ("UPDATE studies SET image_count = 7 WHERE position = 1", "study-"),
        ("UPDATE jobs SET finding_count = 0", "job-"),
        ("DELETE FROM annotated_image_labels WHERE label_position = 0", "annotationset-"),
        ("UPDATE annotated_image_labels SET position = 1 WHERE label_position = 0", "annotationset-"),
        (
            "INSERT INTO annotated_image_labels SELECT annotation_set_id, 9, 0 FROM annotated_images LIMIT 1",
            "annotationset-",
        ),
    ];
    for (statement, named) in table {
        sql(&server, statement);
        let (code, out, error) = told(server.run(&["check"]));
        assert_eq!(code, 1, "{statement}: {out}{error}");
        assert!(out.contains(named) && out.contains("1 problems, 0 repaired"), "{statement}: {out}");
        let (code, out, _) = told(server.run(&["check", "--repair"]));
        assert!(code == 0 && out.contains("1 problems, 1 repaired"), "{statement}: {out}");
        server.end_and_check();
    }
    let server = server.restart();
    let client = server.admin();
    let query =
        "query($id: ID!) { job(id: $id) { findings { totalCount } dataset { studies { nodes { imageCount } } } } }";
    let job = client.data(query, json!({ "id": imported.job["id"] }))["job"].take();
    assert_eq!(job["findings"]["totalCount"], count);
    assert_eq!(job["dataset"]["studies"]["nodes"][1]["imageCount"], 1);
}

#[test]
fn strangers_files_are_named_and_stop_neither_check_nor_the_server() {
    let mut server = Server::start();
    server.admin().dataset("strange", &labelled(1, 1832, ""));
    server.end_and_check();
    let blobs = server.data_dir().join("blobs");
    let misplaced = format!("files/00/{}", "ab".repeat(32));
    std::fs::create_dir_all(blobs.join("files/00/folder")).unwrap();
    std::fs::create_dir_all(blobs.join("staging/lost+found")).unwrap();
    for path in ["files/README", "files/00/note.txt", misplaced.as_str(), "staging/stray", "staging/job-7"] {
        std::fs::write(blobs.join(path), b"a stranger's").unwrap();
    }
    let strangers =
        ["files/README", "files/00/note.txt", &misplaced, "files/00/folder", "staging/stray", "staging/job-7"];
    for arguments in [["check"].as_slice(), &["check", "--repair"]] {
        let (code, out, error) = told(server.run(arguments));
        assert_eq!(code, 1, "{out}{error}");
        assert!(out.contains("7 problems, 0 repaired"), "{out}");
        for path in strangers.iter().chain(&["staging/lost+found"]) {
            assert!(out.contains(&format!("{} is no file of this store", blobs.join(path).display())), "{path}: {out}");
        }
    }
    let server = server.restart();
    server.admin().dataset("stranger still", &labelled(1, 1833, ""));
    assert!(strangers.iter().all(|path| blobs.join(path).exists()), "they are left alone");
}

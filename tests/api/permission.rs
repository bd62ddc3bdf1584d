//! What a caller may not see does not exist for him: every query, mutation and address answers another user's id as it
//! answers an unknown one, and nobody is answered without a token.

use crate::combine::{Source, input};
use crate::derivatives::register;
use crate::exports::export;
use crate::support::archives::{labelled, mask_text, pictures};
use crate::support::client::{Client, string};
use crate::support::shared;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Ids of everything that the owner has, by kind.
struct Scene {
    owner: Client,
    stranger: Client,
    ids: BTreeMap<&'static str, String>,
    urls: Vec<String>,
}

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let (owner, stranger) = (shared().user("permission-owner"), shared().user("permission-stranger"));
        let rows = format!("image/0.png,cell,8,6,{}\n", mask_text(&[1]));
        let source = Source::import(&owner, "secret", &labelled(2, 1600, &rows));
        let query = "query($id: ID!) { dataset(id: $id) { owner { id } creationJob { id } studies { nodes { id } }
            images { nodes { id url thumbnailUrl renderedUrl } }
            annotationSets { nodes { labels { id } labelDistribution { csvUrl }
                images { edges { annotations { id ... on Segmentation { maskUrl } } } } } } } }";
        let seen = owner.data(query, json!({ "id": source.dataset }))["dataset"].take();
        let (image, set) = (&seen["images"]["nodes"][0], &seen["annotationSets"]["nodes"][0]);
        let derivative = json!({ "kind": "INFERENCE", "name": "secret", "dataset": source.dataset });
        let derivative = register(&owner, derivative);
        let (upload, upload_url) = owner.create_upload("secret.zip", 100);
        let export = export(&owner, &source.dataset, Value::Null, "images");
        let mask = string(&set["images"]["edges"][0]["annotations"][0]["maskUrl"]);
        let urls = ["url", "thumbnailUrl", "renderedUrl"].map(|field| string(&image[field]));
        let mut urls = urls.to_vec();
        urls.extend([string(&set["labelDistribution"]["csvUrl"]), mask, upload_url, string(&export["downloadUrl"])]);
        urls.push(format!("/jobs/{}/findings.csv", string(&seen["creationJob"]["id"])));
        let ids = BTreeMap::from([
            ("dataset", source.dataset),
            ("annotationset", source.set),
            ("image", string(&image["id"])),
            ("study", string(&seen["studies"]["nodes"][0]["id"])),
            ("label", string(&set["labels"][0]["id"])),
            ("job", string(&seen["creationJob"]["id"])),
            ("user", string(&seen["owner"]["id"])),
            ("upload", upload),
            ("derivative", derivative),
            ("export", string(&export["id"])),
        ]);
        Scene { owner, stranger, ids, urls }
    })
}

/// The answer to an operation with the owner's ids, and with ids that nobody has, both with the ids taken out.
fn both_answers(client: &Client, operation: &str, variables: &Value) -> [String; 2] {
    let ids = &scene().ids;
    let filled = |of: &dyn Fn(&str, &str) -> String| {
        let mut text = variables.to_string();
        for (kind, id) in ids {
            text = text.replace(&format!("\"{{{kind}}}\""), &format!("\"{}\"", of(kind, id)));
        }
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let theirs = client.graphql(operation, filled(&|_, id| id.to_owned())).to_string();
    let unknown = client.graphql(operation, filled(&|kind, _| format!("{kind}-1"))).to_string();
    let plain = |text: String| ids.iter().fold(text, |text, (kind, id)| text.replace(id, &format!("{kind}-1")));
    [plain(theirs), plain(unknown)]
}

/// Every operation that takes an id, with its variables.
fn operations() -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = scene()
        .ids
        .keys()
        .map(|kind| {
            (
                "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }".to_owned(),
                json!({ "id": format!("{{{kind}}}") }),
            )
        })
        .collect();
    for (field, kind) in
        [("dataset", "dataset"), ("annotationSet", "annotationset"), ("image", "image"), ("job", "job")]
    {
        all.push((format!("query($id: ID!) {{ {field}(id: $id) {{ id }} }}"), json!({ "id": format!("{{{kind}}}") })));
    }
    all.push((
        "query($id: ID!) { deletionPreview(dataset: $id) { imageCount } }".to_owned(),
        json!({ "id": "{dataset}" }),
    ));
    let combine = input(
        "x",
        &[json!({ "dataset": "{dataset}", "annotationSet": "{annotationset}" }), json!({ "dataset": "dataset-2" })],
        Some("segmentation"),
        json!({ "labelMap": [{ "annotationSet": "{annotationset}", "from": "cell", "to": "x" }] }),
    );
    let errors = "userErrors { code message path }";
    all.push((
        format!(
            "query($input: CombineDatasetsInput!) {{ combinePreview(input: $input) {{ imageCount digest {errors} }} }}"
        ),
        json!({ "input": combine }),
    ));
    for (field, input) in [
        ("combineDatasets", combine),
        ("importDataset", json!({ "upload": "{upload}" })),
        ("renameDataset", json!({ "dataset": "{dataset}", "name": "mine" })),
        ("deleteDataset", json!({ "dataset": "{dataset}", "confirmation": "DELETE" })),
        ("deleteDataset", json!({ "dataset": "{dataset}", "confirmation": "no" })),
        ("exportDataset", json!({ "dataset": "{dataset}", "annotationSet": "{annotationset}", "format": "images" })),
        ("importAnnotationSet", json!({ "dataset": "{dataset}", "upload": "{upload}" })),
        (
            "createAnnotationSet",
            json!({ "dataset": "{dataset}", "name": "mine", "annotationType": "detection", "labels": [] }),
        ),
        (
            "annotateImages",
            json!({ "annotationSet": "{annotationset}", "images": [{ "image": "{image}", "annotations": [] }] }),
        ),
        ("deleteAnnotationSet", json!({ "annotationSet": "{annotationset}", "confirmation": "DELETE" })),
        ("deleteAnnotationSet", json!({ "annotationSet": "{annotationset}", "confirmation": "no" })),
        ("cancelJob", json!({ "job": "{job}" })),
        ("registerDerivative", json!({ "kind": "INFERENCE", "name": "mine", "dataset": "{dataset}" })),
        (
            "registerDerivative",
            json!({ "kind": "INFERENCE", "name": "", "dataset": "{dataset}", "annotationSet": "{annotationset}" }),
        ),
        ("removeDerivative", json!({ "derivative": "{derivative}" })),
    ] {
        let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
        all.push((
            format!("mutation($input: {kind}!) {{ {field}(input: $input) {{ {errors} }} }}"),
            json!({ "input": input }),
        ));
    }
    all
}

#[test]
fn another_users_ids_are_answered_like_unknown_ones() {
    for (operation, variables) in operations() {
        let [theirs, unknown] = both_answers(&scene().stranger, &operation, &variables);
        assert_eq!(theirs, unknown, "{operation} {variables}");
        let [own, unknown] = both_answers(&scene().owner.with_token(None), &operation, &variables);
        assert_eq!(own, unknown, "without a token: {operation}");
        assert!(own.contains("UNAUTHENTICATED"), "{own}");
    }
    let shown = scene().owner.data(
        "query($id: ID!) { dataset(id: $id) { name derivatives { nodes { id } } } }",
        json!({ "id": scene().ids["dataset"] }),
    );
    let untouched = json!({ "name": "secret", "derivatives": { "nodes": [{ "id": scene().ids["derivative"] }] } });
    assert_eq!(shown["dataset"], untouched, "nothing of it changed anything");
}

#[test]
fn another_users_annotation_set_is_unknown_beside_a_dataset_of_ones_own_too() {
    let other = shared().user("permission-other");
    let own = other.dataset("own", &pictures(1, 1601));
    let operation = "mutation($input: RegisterDerivativeInput!) { registerDerivative(input: $input) {
        userErrors { code message path } } }";
    let input = json!({ "kind": "INFERENCE", "name": "x", "dataset": own, "annotationSet": "{annotationset}" });
    let [theirs, unknown] = both_answers(&other, operation, &json!({ "input": input }));
    assert_eq!(theirs, unknown);
    assert!(theirs.contains("NOT_FOUND"), "{theirs}");
}

#[test]
fn a_stranger_lists_nothing() {
    let seen =
        scene().stranger.data("{ datasets { totalCount nodes { id } } jobs { totalCount nodes { id } } }", Value::Null);
    let nothing = json!({ "totalCount": 0, "nodes": [] });
    assert_eq!(seen, json!({ "datasets": nothing, "jobs": nothing }));
}

#[test]
fn an_administrator_sees_everything() {
    let admin = shared().admin();
    let seen = admin.data(
        "query($id: ID!) { dataset(id: $id) { name owner { name } } viewer { isAdmin } }",
        json!({ "id": scene().ids["dataset"] }),
    );
    assert_eq!(
        seen,
        json!({ "dataset": { "name": "secret", "owner": { "name": "permission-owner" } }, "viewer": { "isAdmin": true } })
    );
}

/// The address with another number in it, which nobody has.
fn unknown(url: &str) -> String {
    let ids = &scene().ids;
    let annotation = format!("annotation-{}-", ids["annotationset"].trim_start_matches("annotationset-"));
    let url = url.replace(&annotation, "annotation-1-");
    ids.iter().fold(url, |url, (kind, id)| url.replace(id, &format!("{kind}-1")))
}

#[test]
fn every_address_of_bytes_answers_a_stranger_like_an_unknown_one() {
    let Scene { stranger, owner, urls, .. } = scene();
    let tus = [("tus-resumable", "1.0.0"), ("upload-offset", "0"), ("content-type", "application/offset+octet-stream")];
    for url in urls {
        let methods = if url.starts_with("/uploads") { vec!["HEAD", "PATCH", "DELETE"] } else { vec!["GET", "HEAD"] };
        assert_ne!(unknown(url), *url);
        for method in methods {
            let body: &[u8] = if method == "PATCH" { b"x" } else { b"" };
            let theirs = stranger.request(method, url, &tus, body);
            let nobodys = stranger.request(method, &unknown(url), &tus, body);
            assert_eq!(theirs.status, 404, "{method} {url}");
            assert_eq!((theirs.status, theirs.text()), (nobodys.status, nobodys.text()), "{method} {url}");
            for token in [None, Some("lbx_wrong"), Some("")] {
                let refused = owner.with_token(token).request(method, url, &tus, body);
                assert_eq!(refused.status, 401, "{method} {url} with {token:?}");
                assert_eq!(refused.header("www-authenticate"), "Bearer", "{method} {url}");
            }
        }
        if !url.starts_with("/uploads") {
            assert_eq!(owner.get(url).status, 200, "{url}");
            // Knowing the tag is no permission either.
            let tag = owner.get(url).header("etag").to_owned();
            assert_eq!(stranger.get_with(url, &[("if-none-match", &tag)]).status, 404, "{url}");
        }
    }
}

#[test]
fn nothing_but_health_and_the_page_answers_without_a_valid_token() {
    let anonymous = shared().anonymous();
    for url in ["/health/live", "/health/ready", "/graphiql"] {
        assert_eq!(anonymous.get(url).status, 200, "{url}");
    }
    for token in [None, Some("lbx_wrong"), Some("lbx_\u{7f}")] {
        let client =
            if token == Some("lbx_\u{7f}") { anonymous.with_token(Some("x y")) } else { anonymous.with_token(token) };
        for query in [
            "{ viewer { id } }",
            "{ plugins { name } }",
            "{ __schema { types { name } } }",
            "{ datasets { totalCount } }",
        ] {
            let body = json!({ "query": query }).to_string();
            let reply = client.request("POST", "/graphql", &[("content-type", "application/json")], body.as_bytes());
            assert_eq!(reply.status, 401, "{query}");
            assert_eq!(reply.json()["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        }
        assert_eq!(client.get("/graphql?query=%7Bviewer%7Bid%7D%7D").status, 401);
        assert_eq!(client.get("/metrics").status, 401);
        assert_eq!(
            client.request("POST", "/uploads", &[("tus-resumable", "1.0.0"), ("upload-length", "1")], b"").status,
            401
        );
    }
    assert_eq!(scene().stranger.get("/metrics").status, 403);
    assert_eq!(shared().admin().get("/metrics").status, 200);
}

//! Every field that can be read, on one small dataset of each kind, and every id by `node` and `nodes`.

use crate::combine::{Source, input};
use crate::support::archives::{labelled, mask_text, png, zip};
use crate::support::client::{Client, string};
use crate::support::dicom::Dicom;
use crate::support::shared;
use serde_json::{Value, json};

/// Everything of a dataset that the contract promises and that is built.
const EVERYTHING: &str = "query($id: ID!) { dataset(id: $id) {
    __typename id name status owner { id name isAdmin } createdAt imageFormats { id name extensions mediaType }
    studyCount imageCount annotationSetCount byteSize previewImages { id } few: previewImages(first: 1) { id }
    sources { datasetName annotationSetName imageCount dataset { id } annotationSet { id } }
    creationJob { id kind state createdAt startedAt finishedAt progress { done total unit } error dataset { id }
        findings { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            edges { cursor node { severity code message path line } } nodes { code } } }
    studies { totalCount pageInfo { hasNextPage } edges { cursor node { id name dataset { id } imageCount
        studyInstanceUid images { totalCount edges { cursor node { id } } nodes { id } } } } }
    images { totalCount pageInfo { endCursor } edges { cursor node { id dataset { id } study { id } path
        format { id plugin { name } } width height frameCount bitsPerSample byteSize sha256 url renderedUrl
        thumbnailUrl metadata origin { id } } } }
    annotationSets { totalCount edges { cursor node { id name dataset { id } type { id name description plugin { name } }
        source createdAt labels { id name color annotationSet { id } } studyCount imageCount annotationCount
        labelDistribution { imageCount studyCount annotationCount unlabelledImageCount csvUrl
            labels { label { name } imageCount studyCount annotationCount fraction } }
        images { totalCount edges { cursor node { id path } annotations { __typename id label { name }
            ... on Classification { value } ... on Detection { x y width height }
            ... on Segmentation { area x y width height rle maskUrl } ... on CustomAnnotation { payload } } }
            nodes { id } } } } } } }";

fn read(client: &Client, dataset: &str) -> Value {
    client.data(EVERYTHING, json!({ "id": dataset }))["dataset"].take()
}

#[test]
fn an_uploaded_dataset_is_read_with_everything_in_it() {
    let client = shared().user("reads");
    let scan = Dicom { study: "1.2.3.4".to_owned(), ..Dicom::new(95) };
    let rows = "p.png,cell,1,2,3.5,2\np.png,cell,0,0,1,1\nscan.dcm,organ,1,1,2,2\nq.png\n";
    let archive = zip(&[
        ("p.png", png(8, 6, 1700)),
        ("q.png", png(8, 6, 1701)),
        ("scan.dcm", scan.bytes()),
        ("label.csv", rows.into()),
    ]);
    let seen = read(&client, &client.dataset("All Of It", &archive));
    assert_eq!((&seen["name"], &seen["status"]), (&json!("All Of It"), &json!("AVAILABLE")));
    assert_eq!(seen["owner"]["name"], "reads");
    assert_eq!(seen["owner"]["isAdmin"], false);
    assert_eq!(json!([seen["studyCount"], seen["imageCount"], seen["annotationSetCount"]]), json!([3, 3, 1]));
    assert_eq!(seen["imageFormats"][0]["mediaType"], "application/dicom");
    assert_eq!((seen["previewImages"].as_array().unwrap().len(), seen["few"].as_array().unwrap().len()), (3, 1));
    assert_eq!(seen["sources"], json!([]));
    let job = &seen["creationJob"];
    assert_eq!(
        json!([job["kind"], job["state"], job["error"], job["dataset"]["id"]]),
        json!(["IMPORT", "SUCCEEDED", null, seen["id"]])
    );
    for time in [&seen["createdAt"], &job["createdAt"], &job["startedAt"], &job["finishedAt"]] {
        assert!(
            chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap())
                .is_ok_and(|time| time.offset().local_minus_utc() == 0)
        );
    }
    let image = &seen["images"]["edges"][2]["node"];
    assert_eq!(image["metadata"]["00100020"]["Value"], json!(["P-95"]));
    assert_eq!(image["metadata"]["00280010"]["vr"], "US");
    assert_eq!(image["metadata"].get("7FE00010"), None);
    assert_eq!(seen["images"]["edges"][0]["node"]["metadata"], Value::Null);
    assert_eq!(seen["studies"]["edges"][2]["node"]["studyInstanceUid"], "1.2.3.4");
    assert_eq!(seen["studies"]["edges"][0]["node"]["studyInstanceUid"], Value::Null);
    assert_eq!(seen["studies"]["edges"][0]["node"]["name"], "p.png");
    let set = &seen["annotationSets"]["edges"][0]["node"];
    assert_eq!(
        json!([set["type"]["id"], set["source"], set["dataset"]["id"]]),
        json!(["detection", "UPLOAD", seen["id"]])
    );
    let color = string(&set["labels"][0]["color"]);
    assert!(color.len() == 7 && color.starts_with('#'), "{color}");
    let edges = &set["images"]["edges"];
    let boxed = &edges[0]["annotations"][0];
    assert_eq!(json!([boxed["x"], boxed["y"], boxed["width"], boxed["height"]]), json!([1.0, 2.0, 3.5, 2.0]));
    assert_eq!(edges[1]["annotations"], json!([]));
    let distribution = &set["labelDistribution"];
    assert_eq!(
        json!([
            distribution["imageCount"],
            distribution["studyCount"],
            distribution["annotationCount"],
            distribution["unlabelledImageCount"]
        ]),
        json!([3, 3, 3, 1])
    );
    let fractions: f64 =
        distribution["labels"].as_array().unwrap().iter().map(|label| label["fraction"].as_f64().unwrap()).sum();
    assert!((fractions - 1.0).abs() < 1e-9);
}

#[test]
fn the_annotations_of_one_image_are_read_by_set_and_images_by_label() {
    let client = shared().user("reads-annotations");
    let rows = format!("image/0.png,a,8,6,{}\nimage/1.png,b,8,6,{}\n", mask_text(&[0, 1, 1]), mask_text(&[1]));
    let source = Source::import(&client, "masks", &labelled(3, 1710, &rows));
    let images = client.images(&source.dataset, "id path");
    let query = "query($id: ID!, $set: ID!) { image(id: $id) { annotations(annotationSet: $set) { id label { id name }
        ... on Segmentation { area rle x y width height } } } }";
    let of = |image: &Value| {
        client.data(query, json!({ "id": image["id"], "set": source.set }))["image"]["annotations"].take()
    };
    let mask = of(&images[0]);
    assert_eq!(
        json!([mask[0]["area"], mask[0]["x"], mask[0]["width"], mask[0]["label"]["name"]]),
        json!([2, 1.0, 2.0, "a"])
    );
    // COCO's text of the runs 6, 1, 5, 1, 35, column by column; from the fourth on as differences to the second before.
    assert_eq!(mask[0]["rle"], json!({ "size": [6, 8], "counts": "6150n0" }));
    assert_eq!(of(&images[2]), json!([]));
    let label = &mask[0]["label"]["id"];
    let by_label = "query($set: ID!, $label: ID) { annotationSet(id: $set) { images(label: $label) { totalCount nodes { path } } } }";
    let found = client.data(by_label, json!({ "set": source.set, "label": label }))["annotationSet"]["images"].take();
    assert_eq!(found, json!({ "totalCount": 1, "nodes": [{ "path": "image/0.png" }] }));
    let unknown = client.graphql(by_label, json!({ "set": source.set, "label": "label-1" }));
    assert_eq!(unknown["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let no_set = client.graphql(query, json!({ "id": images[0]["id"], "set": "annotationset-1" }));
    assert_eq!(no_set["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

#[test]
fn sets_are_listed_by_type() {
    let client = shared().user("reads-types");
    let entries = [
        ("a/label.csv", b"x.png,a\n".to_vec()),
        ("a/x.png", png(8, 6, 1)),
        ("b/label.csv", b"y.png,a,1,1,2,2\n".to_vec()),
        ("b/y.png", png(8, 6, 2)),
    ];
    let dataset = client.dataset("two", &zip(&entries));
    let query = "query($id: ID!, $type: ID) { dataset(id: $id) { annotationSets(type: $type) { totalCount nodes { name type { id } } } } }";
    let of = |of_type: Value| {
        client.data(query, json!({ "id": dataset, "type": of_type }))["dataset"]["annotationSets"].take()
    };
    assert_eq!(of(Value::Null)["totalCount"], 2);
    assert_eq!(
        of(json!("detection")),
        json!({ "totalCount": 1, "nodes": [{ "name": "b/label.csv", "type": { "id": "detection" } }] })
    );
    assert_eq!(of(json!("segmentation")), json!({ "totalCount": 0, "nodes": [] }));
}

#[test]
fn everything_with_an_id_is_a_node_and_garbage_is_none() {
    let client = shared().user("reads-nodes");
    let source = Source::import(&client, "nodes", &labelled(1, 1720, "image/0.png,a\n"));
    let seen = read(&client, &source.dataset);
    let image = &seen["images"]["edges"][0]["node"];
    let (upload, _) = client.create_upload("a.zip", 3);
    let kinds = [
        ("Dataset", seen["id"].clone()),
        ("Study", image["study"]["id"].clone()),
        ("Image", image["id"].clone()),
        ("AnnotationSet", json!(source.set)),
        ("Label", seen["annotationSets"]["edges"][0]["node"]["labels"][0]["id"].clone()),
        ("Job", seen["creationJob"]["id"].clone()),
        ("User", seen["owner"]["id"].clone()),
        ("Upload", json!(upload)),
    ];
    let mut ids: Vec<Value> = kinds.iter().map(|(_, id)| id.clone()).collect();
    for (kind, id) in &kinds {
        let node =
            client.data("query($id: ID!) { node(id: $id) { __typename id } }", json!({ "id": id }))["node"].take();
        assert_eq!(node, json!({ "__typename": kind, "id": id }));
    }
    let number = seen["id"].as_str().unwrap().trim_start_matches("dataset-").to_owned();
    let garbage = [
        "",
        "dataset",
        "dataset-",
        "dataset-1",
        "image-1",
        "nonsense-1",
        "dataset-x",
        "dataset-99999999999999999999",
        &format!("image-{number}"),
        &format!("dataset-0{number}"),
        &format!("DATASET-{number}"),
        "\u{0}",
        "'; DROP TABLE datasets",
    ];
    ids.extend(garbage.iter().map(|id| json!(id)));
    let nodes =
        client.data("query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }", json!({ "ids": ids }))["nodes"].take();
    let nodes = nodes.as_array().unwrap();
    assert!(nodes[..kinds.len()].iter().zip(&kinds).all(|(node, (kind, _))| node["__typename"] == *kind), "{nodes:?}");
    assert_eq!(nodes[kinds.len()..], vec![Value::Null; garbage.len()]);
    for id in garbage {
        let query = "query($id: ID!) { dataset(id: $id) { id } image(id: $id) { id } job(id: $id) { id } annotationSet(id: $id) { id } }";
        let found = client.data(query, json!({ "id": id }));
        assert!(found.as_object().unwrap().values().all(Value::is_null), "{id:?}: {found}");
    }
    let many: Vec<String> = (0..501).map(|number| format!("dataset-{number}")).collect();
    let refused = client.graphql("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": many }));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[test]
fn what_plugins_bring_is_listed() {
    let client = shared().user("reads-plugins");
    let seen = client.data(
        "{ plugins { name version path builtIn imageFormats { id } annotationTypes { id } }
            imageFormats { id name extensions mediaType plugin { name } }
            annotationTypes { id name description plugin { name } } viewer { id name isAdmin } }",
        Value::Null,
    );
    let ids = |list: &Value| -> Vec<String> {
        let mut ids: Vec<String> = list.as_array().unwrap().iter().map(|each| string(&each["id"])).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&seen["imageFormats"]), ["dicom", "jpeg", "png"]);
    let types = ["detection", "multi-label-classification", "segmentation", "single-label-classification"];
    assert_eq!(ids(&seen["annotationTypes"]), types);
    assert_eq!(seen["plugins"].as_array().unwrap().len(), 5);
    for plugin in seen["plugins"].as_array().unwrap() {
        assert!(std::path::Path::new(plugin["path"].as_str().unwrap()).is_file(), "{plugin}");
        assert!(!string(&plugin["version"]).is_empty());
    }
    assert_eq!(seen["viewer"]["name"], "reads-plugins");
}

#[test]
fn images_and_findings_are_paged_both_ways() {
    let client = shared().user("reads-pages");
    let rows: String = (0..7).map(|number| format!("missing {number}.png,a\n")).collect();
    let imported = client.import("pages", &labelled(7, 1730, &format!("image/0.png,a\n{rows}")));
    let walk = |list: &str, field: &str, size: usize, backward: bool| -> Vec<String> {
        let (count, cursor_name) = if backward { ("last", "before") } else { ("first", "after") };
        let (mut seen, mut cursor): (Vec<String>, Value) = (Vec::new(), Value::Null);
        loop {
            let query = format!(
                "query($id: ID!, $job: ID!, $cursor: String) {{ dataset(id: $id) {{ images({count}: {size}, {cursor_name}: $cursor) {{ edges {{ cursor node {{ path }} }} pageInfo {{ hasNextPage hasPreviousPage }} }} }}
                job(id: $job) {{ findings({count}: {size}, {cursor_name}: $cursor) {{ edges {{ cursor node {{ message path line }} }} pageInfo {{ hasNextPage hasPreviousPage }} }} }} }}"
            );
            let data =
                client.data(&query, json!({ "id": imported.dataset, "job": imported.job["id"], "cursor": cursor }));
            let page = &data[list][field];
            let edges = page["edges"].as_array().unwrap();
            let nodes: Vec<String> = edges.iter().map(|edge| edge["node"].to_string()).collect();
            if backward {
                seen.splice(0..0, nodes);
                cursor = edges[0]["cursor"].clone();
            } else {
                seen.extend(nodes);
                cursor = edges[edges.len() - 1]["cursor"].clone();
            }
            if page["pageInfo"][if backward { "hasPreviousPage" } else { "hasNextPage" }] == false {
                return seen;
            }
        }
    };
    for (list, field, count) in [("dataset", "images", 7), ("job", "findings", imported.findings.len())] {
        let whole = walk(list, field, 100, false);
        assert_eq!(whole.len(), count);
        for size in [1, 2, 7] {
            assert_eq!(walk(list, field, size, false), whole, "{field} by {size}");
            assert_eq!(walk(list, field, size, true), whole, "{field} by {size}, backward");
        }
    }
}

#[test]
fn a_query_that_is_too_deep_too_wide_or_wrong_is_refused() {
    let client = shared().user("reads-limits");
    let nested = |times: usize| {
        format!(
            "{{ datasets {{ nodes {}id{} }} }}",
            "{ images { nodes { dataset ".repeat(times) + "{ ",
            " }".repeat(times * 3 + 1)
        )
    };
    let wide: String = (0..2_100).map(|number| format!(" a{number}: viewer {{ id }}")).collect();
    for query in
        [nested(30), format!("{{{wide} }}"), "{ nothing }".to_owned(), "{ dataset { id } }".to_owned(), "{".to_owned()]
    {
        let response = client.graphql(&query, Value::Null);
        assert!(!response["errors"].as_array().unwrap().is_empty(), "{}", &query[..query.len().min(80)]);
        assert!(response["data"].is_null());
    }
    assert!(client.graphql(&nested(2), Value::Null).get("errors").is_none());
    let listed =
        client.request("POST", "/graphql", &[("content-type", "application/json")], b"[{\"query\":\"{viewer{id}}\"}]");
    assert_eq!(listed.status, 400);
    let text = client.request("POST", "/graphql", &[("content-type", "text/plain")], b"{}");
    assert_eq!(text.status, 415);
}

#[test]
fn a_combined_dataset_is_read_with_its_origins() {
    let client = shared().user("reads-combined");
    let first = Source::import(&client, "first", &labelled(1, 1740, "image/0.png,a\n"));
    let second = Source::import(&client, "second", &labelled(1, 1741, "image/0.png,b\n"));
    let of_type = Some("single-label-classification");
    let (job, dataset) = client.combine(input("both", &[first.whole(), second.whole()], of_type, json!({})));
    let seen = read(&client, &dataset);
    assert_eq!(seen["creationJob"]["id"], job["id"]);
    assert_eq!(seen["creationJob"]["kind"], "COMBINE");
    assert_eq!(seen["sources"].as_array().unwrap().len(), 2);
    assert_eq!(seen["annotationSets"]["edges"][0]["node"]["source"], "COMBINE");
    assert!(seen["images"]["edges"].as_array().unwrap().iter().all(|edge| edge["node"]["origin"]["id"].is_string()));
}

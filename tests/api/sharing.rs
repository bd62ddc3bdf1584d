//! Datasets shared with users and groups: what each role may see and do, and that it ends with the share.

use crate::combine::{Source, input};
use crate::support::archives::{labelled, mask_text};
use crate::support::client::{Client, string};
use crate::support::shared;
use serde_json::{Value, json};

/// A dataset of its own for each test, and somebody to share it with.
struct Scene {
    owner: Client,
    other: Client,
    other_name: String,
    dataset: String,
    set: String,
    image: String,
}

fn scene(name: &str, seed: u32) -> Scene {
    let (owner_name, other_name) = (format!("{name}-owner"), format!("{name}-other"));
    let (owner, other) = (shared().user(&owner_name), shared().user(&other_name));
    let rows = format!("image/0.png,cell,8,6,{}\n", mask_text(&[1]));
    let source = Source::import(&owner, &format!("{name}-data"), &labelled(2, seed, &rows));
    let image = string(&owner.images(&source.dataset, "id")[0]["id"]);
    Scene { owner, other, other_name, dataset: source.dataset, set: source.set, image }
}

fn share(client: &Client, dataset: &str, with: (&str, &str), role: &str) -> Value {
    let mut input = json!({ "dataset": dataset, "role": role });
    input[with.0] = with.1.into();
    client.mutate("shareDataset", input, "dataset { id shares { role user { name } group { name } } }")
}

fn unshare(client: &Client, dataset: &str, with: (&str, &str)) -> Value {
    let mut input = json!({ "dataset": dataset });
    input[with.0] = with.1.into();
    client.mutate("unshareDataset", input, "dataset { id }")
}

/// What the client sees of a dataset: `null` when he does not.
fn seen(client: &Client, dataset: &str) -> Value {
    let query = "query($id: ID!) { dataset(id: $id) { viewerRole owner { name } shares { role }
        creationJob { id } images { totalCount } } }";
    client.data(query, json!({ "id": dataset }))["dataset"].take()
}

/// The code of the first user error; empty when it was done.
fn code(payload: &Value) -> String {
    payload["userErrors"][0]["code"].as_str().unwrap_or_default().to_owned()
}

/// What every mutation of a dataset answers the client.
fn codes(client: &Client, scene: &Scene) -> Vec<(&'static str, String)> {
    let (dataset, set) = (&scene.dataset, &scene.set);
    let name = string(&client.data("{ viewer { name } }", Value::Null)["viewer"]["name"]);
    let table = [
        ("renameDataset", json!({ "dataset": dataset, "name": format!("by {name}") })),
        (
            "createAnnotationSet",
            json!({ "dataset": dataset, "name": "n", "annotationType": "detection", "labels": [] }),
        ),
        ("annotateImages", json!({ "annotationSet": set, "images": [{ "image": scene.image, "annotations": [] }] })),
        ("registerDerivative", json!({ "kind": "INFERENCE", "name": "n", "dataset": dataset })),
        ("deleteAnnotationSet", json!({ "annotationSet": set, "confirmation": "no" })),
        ("shareDataset", json!({ "dataset": dataset, "user": "admin", "role": "VIEWER" })),
        ("deleteDataset", json!({ "dataset": dataset, "confirmation": "no" })),
    ];
    table.map(|(field, input)| (field, code(&client.mutate(field, input, "")))).to_vec()
}

#[test]
fn each_role_may_do_what_it_may_and_nothing_more() {
    let scene = scene("share-roles", 2100);
    let with = ("user", scene.other_name.as_str());
    let (done, forbidden, unknown) = ("", "FORBIDDEN", "NOT_FOUND");
    let unsure = "CONFIRMATION_REQUIRED";
    assert!(codes(&scene.other, &scene).iter().all(|(_, code)| code == unknown));
    for (role, expected) in [
        ("VIEWER", [forbidden; 7]),
        ("EDITOR", [done, done, done, done, unsure, forbidden, forbidden]),
        ("OWNER", [done, done, done, done, unsure, done, unsure]),
    ] {
        let shared_with = share(&scene.owner, &scene.dataset, with, role);
        assert_eq!(shared_with["userErrors"], json!([]));
        let expected_share = json!({ "role": role, "user": { "name": scene.other_name }, "group": null });
        assert_eq!(shared_with["dataset"]["shares"], json!([expected_share]));
        let shown = seen(&scene.other, &scene.dataset);
        assert_eq!((&shown["viewerRole"], &shown["images"]["totalCount"]), (&json!(role), &json!(2)));
        assert_eq!(shown["owner"]["name"], "share-roles-owner");
        assert_eq!(shown["shares"].is_null(), role != "OWNER", "who may not share does not see with whom");
        let answers = codes(&scene.other, &scene);
        let got: Vec<&str> = answers.iter().map(|(_, code)| code.as_str()).collect();
        assert_eq!(got, expected, "{role}: {answers:?}");
    }
}

#[test]
fn a_share_ends_when_it_is_taken_back_and_what_was_made_of_it_stays() {
    let scene = scene("share-ends", 2101);
    let with = ("user", scene.other_name.as_str());
    share(&scene.owner, &scene.dataset, with, "VIEWER");
    let original = string(&scene.other.images(&scene.dataset, "url")[0]["url"]);
    assert_eq!(scene.other.get(&original).status, 200);
    let list = "{ datasets { totalCount nodes { id } } }";
    assert_eq!(scene.other.data(list, Value::Null)["datasets"]["totalCount"], 1);
    let own = Source::import(&scene.other, "own", &labelled(1, 2102, "image/0.png,x,8,6,\n"));
    let sources = [json!({ "dataset": scene.dataset }), own.images_only()];
    let (job, combined) = scene.other.combine(input("both", &sources, None, json!({})));
    assert_eq!(job["state"], "SUCCEEDED", "{job}");

    let back = unshare(&scene.owner, &scene.dataset, with);
    assert_eq!(back["userErrors"], json!([]));
    assert_eq!(seen(&scene.other, &scene.dataset), Value::Null);
    assert_eq!(scene.other.get(&original).status, 404);
    assert_eq!(seen(&scene.other, &combined)["images"]["totalCount"], 3);
    assert_eq!(code(&unshare(&scene.owner, &scene.dataset, with)), "NOT_FOUND");
}

#[test]
fn whoever_has_a_share_may_give_it_back() {
    let scene = scene("share-back", 2103);
    let with = ("user", scene.other_name.as_str());
    share(&scene.owner, &scene.dataset, with, "VIEWER");
    assert_eq!(unshare(&scene.other, &scene.dataset, with)["userErrors"], json!([]));
    assert_eq!(seen(&scene.other, &scene.dataset), Value::Null);
}

#[test]
fn a_group_has_what_is_shared_with_it_as_long_as_one_is_in_it() {
    let scene = scene("share-group", 2104);
    let admin = shared().admin();
    let group = string(&admin.mutate("createGroup", json!({ "name": "readers" }), "group { id }")["group"]["id"]);
    let user = string(&scene.other.data("{ viewer { id } }", Value::Null)["viewer"]["id"]);
    let member = json!({ "group": group, "user": user });
    let forbidden = scene.owner.mutate("addGroupMember", member.clone(), "group { id }");
    assert_eq!(code(&forbidden), "FORBIDDEN", "groups are the administrators' matter");
    let added = admin.mutate("addGroupMember", member.clone(), "group { members { name } }");
    assert_eq!(added["group"]["members"], json!([{ "name": scene.other_name }]));
    assert_eq!(seen(&scene.other, &scene.dataset), Value::Null);

    share(&scene.owner, &scene.dataset, ("group", "readers"), "VIEWER");
    share(&scene.owner, &scene.dataset, ("user", &scene.other_name), "EDITOR");
    assert_eq!(seen(&scene.other, &scene.dataset)["viewerRole"], "EDITOR", "the most of what both give");
    unshare(&scene.owner, &scene.dataset, ("user", &scene.other_name));
    assert_eq!(seen(&scene.other, &scene.dataset)["viewerRole"], "VIEWER");
    let mine = scene.other.data("{ groups { name members { name } } }", Value::Null);
    assert_eq!(mine["groups"], json!([{ "name": "readers", "members": [{ "name": scene.other_name }] }]));
    assert_eq!(scene.owner.data("{ groups { name } }", Value::Null)["groups"], json!([]));

    admin.mutate("removeGroupMember", member, "group { id }");
    assert_eq!(seen(&scene.other, &scene.dataset), Value::Null);
}

#[test]
fn a_dataset_is_shared_with_one_who_is_there_and_not_its_owner() {
    let scene = scene("share-wrong", 2105);
    let table = [
        (json!({ "user": "nobody of this name" }), "NOT_FOUND"),
        (json!({ "group": "nobody of this name" }), "NOT_FOUND"),
        (json!({ "user": "share-wrong-owner" }), "INVALID"),
        (json!({ "user": scene.other_name, "group": "both" }), "INVALID"),
        (json!({}), "INVALID"),
    ];
    for (mut input, expected) in table {
        input["dataset"] = scene.dataset.as_str().into();
        input["role"] = "VIEWER".into();
        assert_eq!(code(&scene.owner.mutate("shareDataset", input.clone(), "")), expected, "{input}");
    }
}

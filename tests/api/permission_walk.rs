//! Every field of the schema and every address of the server, asked by those who may not: nothing of the owner's comes
//! out, and nothing is changed. The calls are made from the schema itself, so that a field that is added is asked too, and
//! an id that the walk has no example of fails it.

use crate::combine::Source;
use crate::derivatives::register;
use crate::exports::export;
use crate::support::Server;
use crate::support::archives::{labelled, mask_text, pictures};
use crate::support::client::{Client, string};
use lightbox::http::{Route, RouteAccess};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// In every name and text that the owner gave.
const MARK: &str = "mrkzq";

struct Scene {
    server: Server,
    owner: Client,
    /// Has a dataset of his own, and one of the owner's others is shared with him.
    elsewhere: Client,
    stranger: Client,
    /// The owner's, by the names that arguments have.
    ids: BTreeMap<&'static str, String>,
    /// The owner's addresses, by route.
    urls: BTreeMap<&'static str, String>,
    schema: Value,
}

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let server = Server::start();
        let owner = server.user("walk-owner");
        let (elsewhere, stranger) = (server.user("elsewhere"), server.user("stranger"));
        let rows = format!("image/0.png,{MARK},8,6,{}\n", mask_text(&[1]));
        let source = Source::import(&owner, &format!("{MARK} data"), &labelled(2, 2500, &rows));
        let other = owner.dataset("shared with elsewhere", &pictures(1, 2501));
        let share = json!({ "dataset": other, "user": "elsewhere", "role": "VIEWER" });
        owner.mutate("shareDataset", share, "");
        elsewhere.dataset("own", &pictures(1, 2502));
        let derivative = json!({ "kind": "INFERENCE", "name": format!("{MARK} d"), "dataset": source.dataset });
        let derivative = register(&owner, derivative);
        let (upload, upload_url) = owner.create_upload(&format!("{MARK}.zip"), 5);
        assert_eq!(owner.patch(&upload_url, 0, b"hello").status, 204);
        let export = export(&owner, &source.dataset, Value::Null, "images");
        let group = json!({ "name": format!("{MARK} group") });
        let group = server.admin().mutate("createGroup", group, "group { id }")["group"]["id"].take();
        let token = json!({ "name": format!("{MARK} token"), "scope": "READ" });
        let token = owner.mutate("createApiToken", token, "apiToken { id }")["apiToken"]["id"].take();
        let query = "query($id: ID!) { dataset(id: $id) { owner { id } creationJob { id } studies { nodes { id } }
            images { nodes { id url thumbnailUrl renderedUrl } }
            annotationSets { nodes { labels { id } labelDistribution { csvUrl }
                images { edges { annotations { id ... on Segmentation { maskUrl } } } } } } } }";
        let seen = owner.data(query, json!({ "id": source.dataset }))["dataset"].take();
        let (image, set) = (&seen["images"]["nodes"][0], &seen["annotationSets"]["nodes"][0]);
        let job = string(&seen["creationJob"]["id"]);
        let annotation = &set["images"]["edges"][0]["annotations"][0];
        let ids = BTreeMap::from([
            ("dataset", source.dataset),
            ("annotationSet", source.set),
            ("image", string(&image["id"])),
            ("study", string(&seen["studies"]["nodes"][0]["id"])),
            ("label", string(&set["labels"][0]["id"])),
            ("job", job.clone()),
            ("user", string(&seen["owner"]["id"])),
            ("upload", upload),
            ("derivative", derivative),
            ("group", string(&group)),
            ("token", string(&token)),
        ]);
        let urls = BTreeMap::from([
            (Route::Upload.pattern(), upload_url),
            (Route::Export.pattern(), string(&export["downloadUrl"])),
            (Route::Findings.pattern(), format!("/jobs/{job}/findings.csv")),
            (Route::Original.pattern(), string(&image["url"])),
            (Route::Rendition.pattern(), string(&image["renderedUrl"])),
            (Route::Thumbnail.pattern(), string(&image["thumbnailUrl"])),
            (Route::Mask.pattern(), string(&annotation["maskUrl"])),
            (Route::LabelDistribution.pattern(), string(&set["labelDistribution"]["csvUrl"])),
        ]);
        let schema = owner.data(INTROSPECTION, Value::Null)["__schema"].take();
        Scene { server, owner, elsewhere, stranger, ids, urls, schema }
    })
}

const INTROSPECTION: &str = "{ __schema { queryType { name } mutationType { name } subscriptionType { name }
    types { kind name enumValues { name } possibleTypes { name }
        fields { name args { name defaultValue type { ...T } } type { ...T } }
        inputFields { name defaultValue type { ...T } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name } } } } } } }";

fn type_named(name: &str) -> &'static Value {
    let types = scene().schema["types"].as_array().unwrap();
    types.iter().find(|each| each["name"] == name).unwrap_or_else(|| panic!("no type {name}"))
}

/// The name inside lists and non-null, and whether a value must be given.
fn named(of: &Value) -> (&str, bool, bool) {
    let (required, mut inner, mut is_list) = (of["kind"] == "NON_NULL", of, false);
    while inner["name"].is_null() {
        inner = &inner["ofType"];
        assert!(!inner.is_null(), "the introspection query is not deep enough for {of}");
        is_list |= inner["kind"] == "LIST";
    }
    (inner["name"].as_str().unwrap(), required, is_list || of["kind"] == "LIST")
}

/// Names of arguments that take an id of something that goes by another name.
fn example_of(argument: &str, id: &str) -> Value {
    let known = match argument {
        // Every kind is tried here.
        "id" | "ids" => id,
        "type" => "segmentation",
        "annotationType" => "segmentation",
        "images" => "image",
        other => other,
    };
    match scene().ids.get(known) {
        Some(example) => json!(example),
        None if known == "segmentation" || known == id => json!(known),
        None => panic!("the walk has no example of an id for the argument {argument:?}: give it one"),
    }
}

/// A value for an argument or a field of an input; `None` where it can be left out and takes no id.
fn value_for(name: &str, of: &Value, id: &str, depth: usize) -> Option<Value> {
    let (type_name, required, is_list) = named(of);
    let single = match (type_name, type_named(type_name)["kind"].as_str().unwrap()) {
        ("ID", _) => Some(example_of(name, id)),
        (_, "ENUM") => required.then(|| type_named(type_name)["enumValues"][0]["name"].clone()),
        (_, "INPUT_OBJECT") if depth < 4 => {
            let fields = type_named(type_name)["inputFields"].as_array().unwrap().iter();
            let values: Map<String, Value> = fields
                .filter_map(|field| {
                    let name = field["name"].as_str().unwrap();
                    value_for(name, &field["type"], id, depth + 1).map(|value| (name.to_owned(), value))
                })
                .collect();
            (required || !values.is_empty()).then(|| json!(values))
        }
        ("String", _) if name == "confirmation" => Some(json!("DELETE")),
        ("String", _) if name == "user" => Some(json!("stranger")),
        _ if name == "first" => Some(json!(2)),
        ("String", _) => required.then(|| json!("walked")),
        ("Int" | "Long", _) => required.then(|| json!(5)),
        ("Float", _) => required.then(|| json!(0.5)),
        ("Boolean", _) => required.then_some(Value::Bool(true)),
        ("DateTime", _) => required.then(|| json!("2035-01-01T00:00:00Z")),
        ("JSON", _) => required.then(|| json!({})),
        (other, _) => panic!("the walk has no value of the type {other}: give it one"),
    }?;
    Some(if is_list { json!([single]) } else { single })
}

/// Everything that can be asked of a type without arguments, two objects deep.
fn selection(type_name: &str, depth: usize) -> String {
    let of = type_named(type_name);
    let mut parts: Vec<String> = vec!["__typename".to_owned()];
    for field in of["fields"].as_array().into_iter().flatten() {
        let name = field["name"].as_str().unwrap();
        let (inner, ..) = named(&field["type"]);
        let is_leaf = matches!(type_named(inner)["kind"].as_str().unwrap(), "SCALAR" | "ENUM");
        let arguments = field["args"].as_array().unwrap();
        if arguments.iter().any(|argument| named(&argument["type"]).1 && argument["defaultValue"].is_null()) {
            continue;
        }
        let pages = arguments.iter().any(|argument| argument["name"] == "first");
        let page = if pages { "(first: 2)" } else { "" };
        if is_leaf {
            parts.push(name.to_owned());
        } else if depth > 0 {
            parts.push(format!("{name}{page} {{ {} }}", selection(inner, depth - 1)));
        }
    }
    // Two types may have fields of one name and another type: the first one's are asked for.
    let mut seen: Vec<String> = parts.clone();
    for each in of["possibleTypes"].as_array().into_iter().flatten() {
        let inner = each["name"].as_str().unwrap();
        let fields = selection(inner, 0);
        let is_new = |name: &&str| !seen.iter().any(|known| known == name);
        let new: Vec<String> = fields.split(' ').filter(is_new).map(str::to_owned).collect();
        parts.push(format!("... on {inner} {{ __typename {} }}", new.join(" ")));
        seen.extend(new);
    }
    parts.join(" ")
}

/// Of `node` and `nodes`: what the type that the id is of has, which goes by the same name.
fn node_selection(id: &str) -> String {
    let kind = id.split('-').next().unwrap();
    let types = type_named("Node")["possibleTypes"].as_array().unwrap();
    let found = types.iter().map(|each| each["name"].as_str().unwrap()).find(|name| name.to_lowercase() == kind);
    let fields = found.map(|name| format!("... on {name} {{ {} }}", selection(name, 1)));
    format!("__typename id {}", fields.unwrap_or_default())
}

/// Each field of a root type as an operation with its variables, with every kind of id where the kind is not plain.
fn operations(root: &str, keyword: &str) -> Vec<(String, String, Value)> {
    let root = scene().schema[root]["name"].as_str().unwrap();
    let mut all = Vec::new();
    for field in type_named(root)["fields"].as_array().unwrap() {
        let name = field["name"].as_str().unwrap();
        let arguments = field["args"].as_array().unwrap();
        let any_id = arguments.iter().any(|argument| matches!(argument["name"].as_str(), Some("id" | "ids")));
        let ids: Vec<String> =
            if any_id { scene().ids.values().cloned().collect() } else { vec![scene().ids["dataset"].clone()] };
        for id in ids {
            let given: Vec<(&str, Value, String)> = arguments
                .iter()
                .filter_map(|argument| {
                    let name = argument["name"].as_str().unwrap();
                    let value = value_for(name, &argument["type"], &id, 0)?;
                    Some((name, value, written(&argument["type"])))
                })
                .collect();
            let declared: Vec<String> = given.iter().map(|(name, _, of)| format!("${name}: {of}")).collect();
            let passed: Vec<String> = given.iter().map(|(name, ..)| format!("{name}: ${name}")).collect();
            let (declared, passed) = match given.is_empty() {
                true => (String::new(), String::new()),
                false => (format!("({})", declared.join(", ")), format!("({})", passed.join(", "))),
            };
            let (inner, ..) = named(&field["type"]);
            let selected = match type_named(inner)["kind"].as_str().unwrap() {
                "SCALAR" | "ENUM" => String::new(),
                _ if inner == "Node" => format!("{{ {} }}", node_selection(&id)),
                _ => format!("{{ {} }}", selection(inner, 2)),
            };
            let variables: Map<String, Value> =
                given.into_iter().map(|(name, value, _)| (name.to_owned(), value)).collect();
            all.push((
                name.to_owned(),
                format!("{keyword}{declared} {{ {name}{passed} {selected} }}"),
                json!(variables),
            ));
        }
    }
    all
}

/// The type as the query language writes it.
fn written(of: &Value) -> String {
    match of["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", written(&of["ofType"])),
        "LIST" => format!("[{}]", written(&of["ofType"])),
        _ => string(&of["name"]),
    }
}

/// All of the owner's that could be changed or seen.
fn state() -> String {
    let query = format!("query($id: ID!) {{ dataset(id: $id) {{ digest {} }} }}", selection("Dataset", 3));
    let mut seen = scene().owner.data(&query, json!({ "id": scene().ids["dataset"] }));
    let own = scene().owner.data(
        "{ datasets { nodes { id name } } jobs { totalCount } viewer { name apiTokens { id name } } }",
        Value::Null,
    );
    let upload =
        scene().owner.request("HEAD", &scene().urls[Route::Upload.pattern()], &[("tus-resumable", "1.0.0")], b"");
    seen["own"] = own;
    forget_uses(&mut seen);
    format!("{seen} {}", upload.header("upload-offset"))
}

/// When a token was used last changes by asking.
fn forget_uses(value: &mut Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.remove("lastUsedAt");
    }
    value.as_object_mut().into_iter().flatten().for_each(|(_, inner)| forget_uses(inner));
    value.as_array_mut().into_iter().flatten().for_each(forget_uses);
}

/// Whoever asks, what he gets is understood, and has nothing of the owner's in it.
fn nothing_comes_out(who: &str, client: &Client) {
    for (root, keyword) in [("queryType", "query"), ("mutationType", "mutation")] {
        for (name, query, variables) in operations(root, keyword) {
            let answer = client.graphql(&query, variables.clone());
            let text = answer.to_string();
            for wrong in [MARK, "Unknown", "INTERNAL", "Invalid value", "Cannot query"] {
                assert!(!text.contains(wrong), "{who}: {name} {variables}: {text}");
            }
        }
    }
}

#[test]
fn the_whole_schema_tells_a_stranger_and_a_viewer_of_another_dataset_nothing() {
    let before = state();
    assert!(before.contains(MARK), "the mark is what the owner sees");
    nothing_comes_out("a stranger", &scene().stranger);
    nothing_comes_out("a viewer of another dataset", &scene().elsewhere);
    assert_eq!(state(), before, "nothing was changed");
}

#[test]
fn the_owner_is_answered_by_the_same_walk() {
    let seen: Vec<String> = operations("queryType", "query")
        .into_iter()
        .filter(|(_, query, variables)| scene().owner.graphql(query, variables.clone()).to_string().contains(MARK))
        .map(|(name, ..)| name)
        .collect();
    for name in ["node", "nodes", "dataset", "datasets", "annotationSet", "image", "job", "viewer", "deletionPreview"] {
        assert!(seen.iter().any(|each| each == name), "{name} is not among {seen:?}");
    }
}

#[test]
fn a_token_for_reading_is_refused_by_every_mutation() {
    let made =
        scene().owner.mutate("createApiToken", json!({ "name": "r", "scope": "READ" }), "apiToken { id } secret");
    let reader = scene().owner.with_token(made["secret"].as_str());
    let before = state();
    for (name, query, variables) in operations("mutationType", "mutation") {
        let text = reader.graphql(&query, variables).to_string();
        assert!(text.contains("FORBIDDEN"), "{name}: {text}");
    }
    assert_eq!(state(), before, "nothing was changed");
    scene().owner.mutate("revokeApiToken", json!({ "token": made["apiToken"]["id"] }), "");
}

#[test]
fn nothing_of_the_schema_answers_without_a_token() {
    let anonymous = scene().server.anonymous();
    for (root, keyword) in [("queryType", "query"), ("mutationType", "mutation"), ("subscriptionType", "subscription")]
    {
        for (name, query, variables) in operations(root, keyword) {
            let body = json!({ "query": query, "variables": variables }).to_string();
            let reply = anonymous.request("POST", "/graphql", &[("content-type", "application/json")], body.as_bytes());
            assert_eq!(reply.status, 401, "{name}");
            assert!(reply.json().get("data").is_none(), "{name}: {}", reply.text());
        }
    }
}

#[test]
fn every_address_answers_those_who_may_and_nobody_else() {
    let Scene { server, owner, stranger, elsewhere, urls, .. } = scene();
    let tus = [("tus-resumable", "1.0.0")];
    for route in Route::ALL {
        let url = urls.get(route.pattern()).map_or(route.pattern(), String::as_str);
        let method = if *route == Route::Upload { "HEAD" } else { "GET" };
        let status = |client: &Client| client.request(method, url, &tus, b"").status;
        let anonymous = status(&server.anonymous());
        match route.access() {
            // A page that refuses: nothing was begun in this browser.
            RouteAccess::Public if *route == Route::SignInOidcCallback => assert_eq!(anonymous, 401, "{url}"),
            RouteAccess::Public => assert!(![401, 403].contains(&anonymous), "{url}: {anonymous}"),
            RouteAccess::FirstMessage => assert_eq!(anonymous, 400, "{url}"),
            RouteAccess::Administrator => {
                assert_eq!([anonymous, status(stranger), status(&server.admin())], [401, 403, 200], "{url}");
            }
            // Neither has a GET, and the page has no query: what a token is for comes first.
            RouteAccess::SignedIn if [Route::SignOut, Route::Uploads].contains(route) => {
                let posted = server.anonymous().request("POST", url, &[("upload-length", "1"), tus[0]], b"").status;
                assert_eq!(posted, 401, "{url}");
            }
            RouteAccess::SignedIn if *route == Route::Graphql => assert_eq!(anonymous, 401),
            RouteAccess::SignedIn => {
                assert!(urls.contains_key(route.pattern()), "the walk has no example of {url}: give it one");
                let all = [anonymous, status(stranger), status(elsewhere), status(owner)];
                assert_eq!(all, [401, 404, 404, 200], "{method} {url}");
            }
        }
    }
}

//! What one GraphQL request may ask for, the same over HTTP and WebSocket; what a server shows of its schema.

use crate::live::Socket;
use crate::support::archives::pictures;
use crate::support::client::Client;
use crate::support::{Server, shared};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// For an answer on a busy machine; what is not refused at once would take many minutes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The answer, which must be the same over HTTP and WebSocket.
fn ask(client: &Client, query: &str, variables: Value) -> Value {
    let over_http = client.graphql(query, variables.clone());
    let mut socket = Socket::sign_in(client);
    let payload = json!({ "query": query, "variables": variables });
    socket.send(json!({ "type": "subscribe", "id": "1", "payload": payload }));
    let mut message = socket.next().unwrap();
    let payload = message["payload"].take();
    for part in ["data", "errors", "extensions"] {
        assert_eq!(payload[part], over_http[part], "{query}");
    }
    payload
}

/// The refusal of a request by a limit: its message.
fn refused(client: &Client, query: &str, limit: &str, actual: u64, allowed: u64) -> String {
    let started = Instant::now();
    let answer = ask(client, query, Value::Null);
    assert!(started.elapsed() < PATIENCE, "{limit} took {:?}", started.elapsed());
    let error = &answer["errors"][0];
    assert_eq!(answer["data"], Value::Null);
    let extensions = &error["extensions"];
    assert_eq!(extensions["code"], "LIMIT_EXCEEDED", "{error}");
    assert_eq!(extensions["limit"], format!("limits.{limit}"), "{error}");
    assert_eq!((&extensions["actual"], &extensions["allowed"]), (&json!(actual), &json!(allowed)), "{error}");
    let message = error["message"].as_str().unwrap();
    for fact in [actual.to_string(), allowed.to_string(), format!("limits.{limit}")] {
        assert!(message.contains(&fact), "{message}");
    }
    message.to_owned()
}

#[test]
fn every_limit_of_a_query_is_told_with_what_is_allowed_and_what_to_do() {
    let client = shared().user("limits");
    let aliases = |count: usize| (0..count).map(|index| format!("a{index}: id ")).collect::<String>();
    let operations: String = (0..21).map(|index| format!("query Q{index} {{ viewer {{ id }} }} ")).collect();
    let deep = |levels: usize| {
        let down = "dataset { creationJob { ".repeat(levels);
        format!("{{ job(id: \"job-1\") {{ {down} id {} }} }}", "} } ".repeat(levels))
    };
    let table = [
        (format!("{{ viewer {{ id }} }} #{}", "x".repeat(131_054)), "graphql_document_bytes", 131_073, 131_072),
        (format!("{{ viewer {{ {} }} }}", "id,".repeat(9_996)), "graphql_tokens", 10_001, 10_000),
        (format!("{{ node(id: {}", "[".repeat(100_000)), "graphql_tokens", 100_005, 10_000),
        (format!("{{ node(id: {}1{}) {{ id }} }}", "[".repeat(59), "]".repeat(59)), "graphql_nesting", 61, 60),
        (
            format!("query($a: {}Int{}) {{ viewer {{ id }} }}", "[".repeat(60), "]".repeat(60)),
            "graphql_nesting",
            61,
            60,
        ),
        ("{a".repeat(4_000), "graphql_nesting", 4_000, 60),
        (operations, "graphql_operations", 21, 20),
        (format!("{{ viewer {{ {} }} }}", aliases(61)), "graphql_aliases", 61, 60),
        (
            format!(
                "{{ {} }}",
                "viewer { id } ".repeat(10) + "job(id: 1) { id } ".repeat(10).as_str() + "jobs { totalCount }"
            ),
            "graphql_root_fields",
            21,
            20,
        ),
        (format!("{{ viewer {{ {} }} }}", "id ".repeat(11)), "graphql_repeats", 11, 10),
        ("{ viewer { id @a @a @a @a @a } }".to_owned(), "graphql_field_directives", 5, 4),
        (format!("{{ viewer {{ {} }} }}", "... @include(if: true) { id } ".repeat(61)), "graphql_directives", 61, 60),
        (deep(10), "graphql_depth", 22, 20),
        (format!("{{ viewer {{ {} }} }}", "... { id name } ".repeat(667)), "graphql_fields", 2_002, 2_000),
    ];
    for (query, limit, actual, allowed) in table {
        let message = refused(&client, &query, limit, actual, allowed);
        assert!(message.len() < 400 && message.ends_with('.'), "{message}");
    }
    assert_eq!(ask(&client, &format!("{{ viewer {{ {} }} }}", aliases(60)), Value::Null)["errors"], Value::Null);
    assert_eq!(ask(&client, &deep(9), Value::Null)["errors"], Value::Null);
}

#[test]
fn lists_inside_lists_are_refused_by_their_cost_before_anything_runs() {
    let client = shared().user("limits-cost");
    let images = "images(first: 100) { nodes { dataset { id } } }";
    let nested = format!("{{ datasets(first: 100) {{ nodes {{ studies(first: 100) {{ nodes {{ {images} }} }} }} }} }}");
    // Each image has a dataset, and that an id.
    let cost = 1 + 100 * (1 + 1 + 100 * (1 + 1 + 100 * 3));
    let message = refused(&client, &nested, "graphql_cost", cost, 1_000_000);
    assert!(message.contains("smaller pages"), "{message}");
    let answer = client.graphql(&nested, Value::Null);
    assert_eq!(answer["extensions"]["cost"], json!({ "requested": cost, "limit": 1_000_000 }));
    // By variables too, by defaults, and through fragments.
    let query = "query($n: Int!, $m: Int = 500) { datasets(first: $n) { ...F } }
        fragment F on DatasetConnection { nodes { images(first: $m) { nodes { id path sha256 } } } }";
    let answer = ask(&client, query, json!({ "n": 500 }));
    assert_eq!(answer["errors"][0]["extensions"]["limit"], "limits.graphql_cost", "{answer}");
    let answer = ask(&client, query, json!({ "n": 2, "m": 3 }));
    assert_eq!(answer["extensions"]["cost"]["requested"], 1 + 2 * (1 + 1 + 3 * 4), "{answer}");
    assert_eq!(answer["data"]["datasets"]["nodes"], json!([]));
}

#[test]
fn what_clients_really_ask_for_costs_less_than_is_allowed() {
    let client = shared().user("limits-use");
    client.dataset("use", &pictures(2, 710));
    let box_fields = "id label { id name color } ... on Detection { x y width height }";
    let annotated = format!(
        "query($set: ID!) {{ annotationSet(id: $set) {{ images(first: 500) {{ totalCount pageInfo {{ endCursor hasNextPage }}
            edges {{ node {{ id path width height thumbnailUrl renderedUrl study {{ id name }} }}
                annotations {{ {box_fields} }} }} }} }} }}"
    );
    let datasets = "{ datasets(first: 50) { totalCount nodes { id name status createdAt studyCount imageCount byteSize
        owner { id name } imageFormats { id name } usage { projects jobs trainingTasks inferences }
        previewImages(first: 3) { id path thumbnailUrl width height }
        annotationSets(first: 20) { totalCount nodes { id name type { id name } labels { id name color } annotationCount
            labelDistribution { labels { label { name } imageCount annotationCount fraction } } } }
        creationJob { id state progress { done total unit } } } } }";
    let images = "query($id: ID!) { dataset(id: $id) { images(first: 500) { nodes { id path sha256 metadata } } } }";
    for (query, variables) in [
        (annotated.as_str(), json!({ "set": "annotationset-1" })),
        (datasets, Value::Null),
        (images, json!({ "id": "dataset-1" })),
    ] {
        let answer = ask(&client, query, variables);
        assert_eq!(answer["errors"], Value::Null, "{query}");
        let cost = answer["extensions"]["cost"]["requested"].as_u64().unwrap();
        assert!((10_000..250_000).contains(&cost), "{cost}: {query}");
    }
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("graphiql/src/examples");
    let examples =
        std::fs::read_dir(examples).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let mut tried = 0;
    for example in examples {
        let answer = client.graphql(&example, Value::Null);
        // Without its variables it may be refused, but not for what it would cost.
        assert!(!answer.to_string().contains("LIMIT_EXCEEDED"), "{example}: {answer}");
        tried += 1;
    }
    assert!(tried >= 5, "{tried} examples");
}

#[test]
fn fragments_that_double_each_other_cost_no_time() {
    let client = shared().user("limits-fragments");
    let doubling = |count: usize, last: &str| {
        let each = |index: usize| format!("fragment F{index} on User {{ ...F{0} ...F{0} }} ", index + 1);
        format!("{{ viewer {{ ...F0 }} }} {} {last}", (0..count).map(each).collect::<String>())
    };
    let selections = |count: u32| 2 + (2_u64 << count.min(40)) - 2;
    for (count, last) in [(28, "fragment F28 on User { id }"), (28, ""), (50, "")] {
        let started = Instant::now();
        let answer = ask(&client, &doubling(count, last), Value::Null);
        assert!(started.elapsed() < PATIENCE, "{count} took {:?}", started.elapsed());
        let error = &answer["errors"][0]["extensions"];
        assert_eq!(error["limit"], "limits.graphql_fields", "{answer}");
        assert!(error["actual"].as_u64().unwrap() >= selections(count as u32) / 2, "{answer}");
    }
    let answer = ask(&client, &doubling(400, ""), Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["limit"], "limits.graphql_nesting", "{answer}");
    let circle = "{ viewer { ...A } } fragment A on User { id ...B } fragment B on User { ...A ...A }";
    let answer = ask(&client, circle, Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    // Those that nobody spreads cost time as well: 900 selections, each with 2,000 fields.
    let fields: String = (0..2_000).map(|index| format!("f{index} ")).collect();
    let spread = "... { ...F } ".repeat(900);
    let unused = format!("{{ viewer {{ id }} }} fragment A on User {{ {spread} }} fragment F on User {{ {fields} }}");
    let answer = ask(&client, &unused, Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["limit"], "limits.graphql_fields", "{answer}");
    // One that is not asked for is looked at too.
    let other = doubling(28, "").replacen('{', "query A {", 1) + " query B { viewer { id } }";
    let body = json!({ "query": other, "operationName": "B" }).to_string();
    let reply = client.request("POST", "/graphql", &[("content-type", "application/json")], body.as_bytes());
    assert_eq!(reply.json()["errors"][0]["extensions"]["limit"], "limits.graphql_fields", "{}", reply.text());
}

#[test]
fn a_long_line_that_does_not_parse_is_not_sent_back_whole() {
    let client = shared().user("limits-echo");
    let strings = format!("{{ node(id: \"{}\") ! }}", "x".repeat(100_000));
    let unknown: String = (0..900).map(|index| format!("unknown{index} ")).collect();
    let long_name = "y".repeat(100_000);
    for query in
        [strings, format!("{{ {unknown} }}"), format!("{{ viewer {{ {unknown} }} }}"), format!("{{ {long_name} }}")]
    {
        let answer = ask(&client, &query, Value::Null);
        let errors = answer["errors"].as_array().unwrap();
        assert!(!errors.is_empty() && errors.len() <= 8, "{} errors", errors.len());
        assert!(answer.to_string().len() < 20_000, "{} bytes", answer.to_string().len());
        assert!(errors.iter().all(|error| error["extensions"]["code"].is_string()), "{answer}");
    }
}

#[test]
fn an_operator_sets_the_limits() {
    let server = Server::with_settings(&[
        ("LIGHTBOX_LIMITS__GRAPHQL_COST", "200"),
        ("LIGHTBOX_LIMITS__GRAPHQL_ALIASES", "0"),
        ("LIGHTBOX_LIMITS__GRAPHQL_SOCKET_OPERATIONS", "2"),
    ]);
    let client = server.admin();
    refused(&client, "{ a: viewer { id } }", "graphql_aliases", 1, 0);
    refused(&client, "{ datasets(first: 100) { nodes { id } } }", "graphql_cost", 201, 200);
    assert_eq!(ask(&client, "{ datasets(first: 99) { nodes { id } } }", Value::Null)["errors"], Value::Null);
    // The description of the schema has a cost of its own, small enough for tools.
    assert_eq!(client.graphql(INTROSPECTION, Value::Null)["errors"], Value::Null);

    let mut socket = Socket::sign_in(&client);
    let subscribe = |id: &str, query: &str| json!({ "type": "subscribe", "id": id, "payload": { "query": query } });
    let changes = "subscription { datasetsChanged { kind } }";
    socket.send(subscribe("1", changes));
    socket.send(subscribe("2", changes));
    socket.send(subscribe("3", changes));
    let message = socket.next().unwrap();
    assert_eq!((&message["id"], &message["type"]), (&json!("3"), &json!("next")), "{message}");
    let error = &message["payload"]["errors"][0];
    assert!(error["message"].as_str().unwrap().contains("limits.graphql_socket_operations"), "{message}");
    assert_eq!(socket.next().unwrap(), json!({ "type": "complete", "id": "3" }));
    // Whoever ends one has room for another.
    socket.send(json!({ "type": "complete", "id": "1" }));
    socket.send(subscribe("4", "{ viewer { name } }"));
    assert_eq!(socket.next().unwrap()["payload"]["errors"], Value::Null);
}

/// What tools ask for, as graphql-js writes it.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { queryType { name } mutationType { name }
    subscriptionType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
    fragment FullType on __Type { kind name description
        fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
        inputFields { ...InputValue } interfaces { ...TypeRef }
        enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

#[test]
fn the_schema_describes_itself_unless_that_is_switched_off() {
    let shown = shared().user("limits-shown");
    let types = shown.data(INTROSPECTION, Value::Null)["__schema"]["types"].take();
    assert!(types.as_array().unwrap().len() > 100);
    assert!(shown.graphql("{ veiwer { id } }", Value::Null).to_string().contains("Did you mean"));
    assert_eq!(shown.get("/graphiql").status, 200);

    let server =
        Server::with_settings(&[("LIGHTBOX_GRAPHQL__INTROSPECTION", "false"), ("LIGHTBOX_GRAPHQL__GRAPHIQL", "false")]);
    let client = server.admin();
    assert!(server.introduction().contains("GraphiQL is switched off"), "{}", server.introduction());
    for query in [
        INTROSPECTION,
        "{ __schema { types { name } } }",
        "{ __type(name: \"User\") { name } }",
        "{ s: __schema { queryType { name } } }",
        "{ ...F } fragment F on Query { __type(name: \"User\") { name } }",
        "{ ... { __schema { queryType { name } } } }",
    ] {
        let answer = ask(&client, query, Value::Null);
        let error = &answer["errors"][0];
        assert!(error["message"].as_str().unwrap().contains("graphql.introspection"), "{answer}");
        assert_eq!(
            (&error["extensions"]["code"], &answer["data"]),
            (&json!("BAD_USER_INPUT"), &Value::Null),
            "{answer}"
        );
    }
    let answer = ask(&client, "{ __typename viewer { __typename } }", Value::Null);
    assert_eq!(answer["data"], json!({ "__typename": "Query", "viewer": { "__typename": "User" } }));
    for query in
        ["{ veiwer { id } }", "{ viewer { nmae } }", "{ job(ids: 1) { id } }", "{ datasets(fist: 1) { totalCount } }"]
    {
        let answer = ask(&client, query, Value::Null);
        assert!(answer["errors"][0]["message"].is_string() && !answer.to_string().contains("Did you mean"), "{answer}");
    }
    for path in ["/graphiql", "/graphiql/", "/graphiql/assets/index.html"] {
        assert_eq!(client.get(path).status, 404, "{path}");
    }
}

//! A client of the public API: GraphQL, tus, and plain requests. It knows no more than any other client.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::Request;

/// How long a job may take before a test gives it up for hung.
const PATIENCE: Duration = Duration::from_secs(240);

#[derive(Clone)]
pub struct Client {
    address: String,
    pub token: Option<String>,
    agent: Agent,
}

/// A response, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// Empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

impl Client {
    pub fn new(address: &str, token: Option<String>) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let config = config.allow_non_standard_methods(true).timeout_global(Some(PATIENCE));
        Self { address: address.to_owned(), token, agent: config.build().new_agent() }
    }

    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), ..self.clone() }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.try_request(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub fn try_request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match method {
            "GET" | "HEAD" | "OPTIONS" | "DELETE" => self.agent.run(request.body(()).unwrap())?,
            _ => self.agent.run(request.body(body).unwrap())?,
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.body_mut().with_config().limit(u64::MAX).read_to_vec()?;
        Ok(Reply { status, headers, body })
    }

    pub fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[], b"")
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.request("GET", path, headers, b"")
    }

    /// The whole response: `data` and `errors`.
    pub fn graphql(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.request("POST", "/graphql", &[("content-type", "application/json")], body.as_bytes()).json()
    }

    /// The data of an operation that has no errors.
    pub fn data(&self, query: &str, variables: Value) -> Value {
        let mut response = self.graphql(query, variables);
        assert!(response.get("errors").is_none(), "{query}: {}", response["errors"]);
        response["data"].take()
    }

    /// The payload of a mutation of one field that takes `input`, with its user errors.
    pub fn mutate(&self, field: &str, input: Value, selection: &str) -> Value {
        let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {field}(input: $input) {{ {selection} userErrors {{ code message path }} }} }}"
        );
        self.data(&query, json!({ "input": input }))[field].take()
    }

    /// Id and address of a new upload.
    pub fn create_upload(&self, filename: &str, size_bytes: usize) -> (String, String) {
        let input = json!({ "filename": filename, "byteSize": size_bytes });
        let made = self.mutate("createUpload", input, "upload { id url }");
        assert_eq!(made["userErrors"], json!([]));
        (string(&made["upload"]["id"]), string(&made["upload"]["url"]))
    }

    pub fn patch(&self, url: &str, offset: usize, bytes: &[u8]) -> Reply {
        let offset = offset.to_string();
        let headers = [
            ("tus-resumable", "1.0.0"),
            ("upload-offset", offset.as_str()),
            ("content-type", "application/offset+octet-stream"),
        ];
        self.request("PATCH", url, &headers, bytes)
    }

    /// Id of an upload that has arrived.
    pub fn upload(&self, filename: &str, bytes: &[u8]) -> String {
        let (id, url) = self.create_upload(filename, bytes.len());
        let reply = self.patch(&url, 0, bytes);
        assert_eq!(reply.status, 204, "{}", reply.text());
        id
    }

    /// Uploads an archive and starts its import: ids of dataset and job.
    pub fn start_import(&self, name: &str, archive: &[u8]) -> (String, String) {
        let upload = self.upload("archive.zip", archive);
        let input = json!({ "upload": upload, "name": name });
        let started = self.mutate("importDataset", input, "dataset { id } job { id }");
        assert_eq!(started["userErrors"], json!([]), "{name}");
        (string(&started["dataset"]["id"]), string(&started["job"]["id"]))
    }

    /// Imports an archive: the ended job with all its findings, and its dataset's id.
    pub fn import(&self, name: &str, archive: &[u8]) -> Imported {
        let (dataset, job) = self.start_import(name, archive);
        let job = self.wait_for(&job);
        Imported { dataset, findings: self.findings(job["id"].as_str().unwrap()), job }
    }

    /// Imports an archive that must succeed: the dataset's id.
    pub fn dataset(&self, name: &str, archive: &[u8]) -> String {
        let imported = self.import(name, archive);
        assert_eq!(imported.job["state"], "SUCCEEDED", "{name}: {}", imported.job);
        imported.dataset
    }

    /// Combines, and waits for the job: the ended job, the new dataset's id.
    pub fn combine(&self, input: Value) -> (Value, String) {
        let started = self.mutate("combineDatasets", input, "dataset { id } job { id }");
        assert_eq!(started["userErrors"], json!([]));
        (self.wait_for(started["job"]["id"].as_str().unwrap()), string(&started["dataset"]["id"]))
    }

    /// Asks for a job until it has ended.
    pub fn wait_for(&self, job: &str) -> Value {
        self.wait_until(job, |job| !matches!(job["state"].as_str(), Some("QUEUED" | "RUNNING")))
    }

    /// Asks for a job until it is as wanted.
    pub fn wait_until(&self, job: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let query = "query($id: ID!) { job(id: $id) { id kind state error createdAt startedAt finishedAt
            progress { done total unit } dataset { id name status } } }";
        let given_up = Instant::now() + PATIENCE;
        loop {
            let found = self.data(query, json!({ "id": job }))["job"].take();
            if wanted(&found) {
                return found;
            }
            assert!(Instant::now() < given_up, "the job hangs: {found}");
            std::thread::sleep(Duration::from_millis(15));
        }
    }

    /// All findings of a job.
    pub fn findings(&self, job: &str) -> Vec<Value> {
        let query = "query($id: ID!, $after: String) { job(id: $id) { findings(first: 500, after: $after) {
            nodes { severity code message path line } pageInfo { hasNextPage endCursor } } } }";
        let (mut findings, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.data(query, json!({ "id": job, "after": after }))["job"]["findings"].take();
            findings.extend(page["nodes"].as_array().unwrap().iter().cloned());
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] != true {
                return findings;
            }
        }
    }

    /// All images of a dataset with the fields asked for, in their order.
    pub fn images(&self, dataset: &str, fields: &str) -> Vec<Value> {
        let query = format!(
            "query($id: ID!, $after: String) {{ dataset(id: $id) {{ images(first: 500, after: $after) {{
                nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
        );
        let (mut images, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.data(&query, json!({ "id": dataset, "after": after }))["dataset"]["images"].take();
            images.extend(page["nodes"].as_array().unwrap().iter().cloned());
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] != true {
                return images;
            }
        }
    }

    /// Annotation sets of a dataset, oldest first, with labels and kept counts.
    pub fn annotation_sets(&self, dataset: &str) -> Vec<Value> {
        let query = "query($id: ID!) { dataset(id: $id) { annotationSets { nodes {
            id name type { id } source imageCount studyCount annotationCount labels { id name }
            labelDistribution { imageCount studyCount annotationCount unlabelledImageCount csvUrl
                labels { label { id name } imageCount studyCount annotationCount fraction } } } } } }";
        let mut data = self.data(query, json!({ "id": dataset }));
        let sets = data["dataset"]["annotationSets"]["nodes"].take();
        sets.as_array().unwrap().clone()
    }
}

/// What came of an import.
#[derive(Debug)]
pub struct Imported {
    pub dataset: String,
    pub job: Value,
    pub findings: Vec<Value>,
}

impl Imported {
    pub fn state(&self) -> &str {
        self.job["state"].as_str().unwrap()
    }

    /// Codes of the findings, in the order found.
    pub fn codes(&self) -> Vec<&str> {
        self.findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
    }
}

pub fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

//! GraphiQL: its page and everything that the page loads come from this server, and no other host is named.

use crate::support::shared;

#[test]
fn the_page_and_its_files_come_from_the_server_and_name_no_other_host() {
    let client = shared().anonymous();
    let page = client.get("/graphiql");
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let html = page.text();
    if html.contains("GraphiQL is not in this build") {
        eprintln!(
            "SKIPPED: the_page_and_its_files_come_from_the_server: this build has no GraphiQL, for it had no npm"
        );
        return;
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
    let mut files = addresses(&html);
    assert!(files.iter().any(|file| file.ends_with(".js")) && files.iter().any(|file| file.ends_with(".css")));
    assert!(files.iter().all(|file| file.starts_with("/graphiql/assets/")), "{files:?}");
    let mut seen = 0;
    while let Some(file) = files.pop() {
        let reply = client.get(&file);
        assert_eq!(reply.status, 200, "{file}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{file}");
        assert!(reply.header("cache-control").contains("immutable"), "{file}");
        seen += 1;
    }
    assert!(seen >= 2);
    assert_eq!(client.get("/graphiql/assets/../../etc/passwd").status, 404);
}

/// What `src` and `href` of a page name.
fn addresses(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in ["src=\"", "href=\""] {
        let values = html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
        found.extend(values.filter(|value| !value.starts_with("data:")).map(str::to_owned));
    }
    found
}

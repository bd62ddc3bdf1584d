//! The text of a query, before a parser sees it: bytes, tokens, brackets inside brackets. What it means is not known here.

use super::within;
use crate::config::Limits;
use crate::graphql::error::{Code, with_code};
use async_graphql::ServerError;

pub fn check(query: &str, allowed: &Limits) -> Result<(), ServerError> {
    let bytes_advice = "Send what is long as variables, and what is not needed not at all.";
    within(
        "graphql_document_bytes",
        "The bytes of the query's text are",
        query.len(),
        allowed.graphql_document_bytes,
        bytes_advice,
    )?;
    let Some(counts) = Counts::of(query.as_bytes()) else {
        let message = "The query has a string without an end: close it with the quotes that it begins with.";
        return Err(with_code(Code::BadUserInput, message));
    };
    within("graphql_tokens", "The query's tokens are", counts.tokens, allowed.graphql_tokens, bytes_advice)?;
    let nesting_advice = "Nest selections, lists and objects less deep.";
    within(
        "graphql_nesting",
        "The query's brackets inside brackets are",
        counts.nesting,
        allowed.graphql_nesting,
        nesting_advice,
    )
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    tokens: usize,
    /// Most brackets of any kind that are open at one place.
    nesting: usize,
}

impl Counts {
    /// By the lexical rules of GraphQL (section 2.1), once over the text; `None` when a string does not end.
    fn of(text: &[u8]) -> Option<Self> {
        let (mut counts, mut open, mut rest) = (Self::default(), 0_usize, text);
        while let Some((&first, after)) = rest.split_first() {
            rest = match first {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                    rest = after;
                    continue;
                }
                b'#' => {
                    rest = after.get(length_while(after, |byte| !matches!(byte, b'\n' | b'\r'))..)?;
                    continue;
                }
                b'"' => after_string(rest)?,
                b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                    rest.get(length_while(rest, |byte| byte == b'_' || byte.is_ascii_alphanumeric())..)?
                }
                b'-' | b'0'..=b'9' => after_number(after),
                b'.' => rest.strip_prefix(b"...").unwrap_or(after),
                b'(' | b'[' | b'{' => {
                    open += 1;
                    after
                }
                b')' | b']' | b'}' => {
                    open = open.saturating_sub(1);
                    after
                }
                _ => after,
            };
            counts.tokens += 1;
            counts.nesting = counts.nesting.max(open);
        }
        Some(counts)
    }
}

fn length_while(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !wanted(*byte)).unwrap_or(bytes.len())
}

/// What stands behind the number whose first character was before this.
fn after_number(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = match rest {
            [b'0'..=b'9', after @ ..] | [b'e' | b'E', b'+' | b'-', after @ ..] | [b'e' | b'E', after @ ..] => after,
            [b'.', b'0'..=b'9', after @ ..] => after,
            _ => return rest,
        };
    }
}

/// What stands behind the string at the beginning.
fn after_string(text: &[u8]) -> Option<&[u8]> {
    let (mut rest, is_block) = match text.strip_prefix(b"\"\"\"") {
        Some(inside) => (inside, true),
        None => (text.get(1..)?, false),
    };
    loop {
        rest = match (rest, is_block) {
            ([b'\\', b'"', b'"', b'"', after @ ..], true) => after,
            ([b'"', b'"', b'"', after @ ..], true) => return Some(after),
            ([_, after @ ..], true) => after,
            ([b'"', after @ ..], false) => return Some(after),
            ([b'\n' | b'\r', ..] | [], _) => return None,
            ([b'\\', _, after @ ..] | [_, after @ ..], false) => after,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_brackets_are_those_of_the_grammar() {
        let table = [
            ("", Some((0, 0))),
            ("{ a, b # { } \n }", Some((4, 1))),
            ("query A($x: [Int!]! = [1, -2.5e+3]) @d { ...F ... on T { a: b(c: $x) } }", Some((37, 3))),
            (r#"{ a(b: "{[(\"{", c: """ { "" \""" { """) }"#, Some((11, 2))),
            ("{a{b}}{{{", Some((9, 3))),
            ("))){", Some((4, 1))),
            // An empty string and the beginning of another, were it not one block string's beginning.
            ("{ a(b: \"\"\"\"{{{{{{{{", None),
            ("{ a(b: \"x\n\") }", None),
            ("{ a(b: \"x\\", None),
            ("é…", Some((5, 0))),
        ];
        for (text, expected) in table {
            let counts = Counts::of(text.as_bytes()).map(|counts| (counts.tokens, counts.nesting));
            assert_eq!(counts, expected, "{text}");
        }
    }
}

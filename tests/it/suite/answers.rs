//! Who answers in a case: its replies, the mock, and nobody else unless that is asked for.

use super::{holds, mismatches, tested};
use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, MEMORY, Script};
use crate::server::Server;
use wiremock::ResponseTemplate;

fn asking(prompts: &[&str]) -> String {
    let ask = |script: Script, prompt: &&str| script.call("cis.ai_prompt", &[Text(prompt), Range(BUFFER, 64)]).show(BUFFER, 5);
    prompts.iter().fold(Script::new(), ask).module()
}

fn fetching(url: &str, body: &str) -> String {
    let body = if body.is_empty() { Range(MEMORY, 0) } else { Text(body) };
    Script::new().call("cis.http_request", &[Text(url), body, Range(BUFFER, 64)]).show(BUFFER, 3).module()
}

#[test]
fn prompts_are_answered_by_rule_by_call_and_by_the_mock() {
    let cases = r#"[permissions]
ai = true
[[case]]
name = "c"
output = [5, "three", 5, "first", -4, "first"]
calls = [{ call = "ai", times = 3 }]
[[case.ai]]
call = 2
prompt = { contains = "again" }
reply = "first"
[[case.ai]]
prompt = "broken"
error = "overloaded"
[[case.ai]]
prompt = { matches = "^o.e" }
reply = "three"
"#;
    let document = holds(tested(&asking(&["one", "again", "broken"]), cases));
    assert_eq!(document["seed"], 0);
    let workspace = Workspace::new();
    let cases = "[permissions]\nai = true\n[[case]]\nname = \"c\"\noutput = [4, \"mild.\"]\n";
    super::write(&workspace, &asking(&["weather"]), cases);
    workspace.write("skillscope.toml", "[[ai.mock]]\ncontains = \"weather\"\nreply = \"mild\"\n");
    holds(super::test_json(&workspace, &[]));
}

#[test]
fn requests_are_answered_by_the_case_with_status_headers_and_errors() {
    let granted = "[permissions]\nhttp = [\"a.example\"]\n[[case]]\nname = \"c\"\n";
    for (reply, output) in [
        ("url = \"http://a.example/x\"\nreply = \"abc\"", "[3, \"abc\"]"),
        ("method = \"POST\"\nbody = { contains = \"q\" }\nreply_json = [1]", "[3, \"[1]\"]"),
        ("call = 1\nreply_base64 = \"YWJj\"", "[3, \"abc\"]"),
        ("status = 503\nreply = \"no\"", "[-503, \"...\"]"),
        ("error = \"refused\"", "[-4, \"...\"]"),
        ("status = 302\nheaders = { Location = \"http://b.example/\" }", "[-3, \"...\"]"),
        (
            "call = 1\nstatus = 302\nheaders = { location = \"/y\" }\n[[case.http]]\nurl = { contains = \"/y\" }\nmethod = \"GET\"\nreply = \"abc\"",
            "[3, \"abc\"]",
        ),
    ] {
        let case = format!("{granted}output = {output}\n[[case.http]]\n{reply}\n");
        holds(tested(&fetching("http://a.example/x", "q"), &case));
    }
    let denied = "[permissions]\nhttp = []\n[[case]]\nname = \"c\"\noutput = [-3, \"...\"]\n[[case.http]]\nreply = \"abc\"\n";
    holds(tested(&fetching("http://a.example/x", "q"), denied));
}

#[test]
fn a_request_without_a_reply_fails_the_case_and_reaches_nobody() {
    let server = Server::answering(|_| ResponseTemplate::new(200).set_body_string("abc"));
    let url = format!("{}/", server.url());
    let cases = format!("[permissions]\nhttp = [\"{}\"]\n[[case]]\nname = \"c\"\n", server.host());
    let ran = tested(&fetching(&url, ""), &cases);
    assert_eq!(mismatches(&ran), [format!("no-reply: the case has no reply for GET {url}")]);
    assert!(super::details(&ran).contains(&format!("[[case.http]]\nmethod = \"GET\"\nurl = \"{url}\"")));
    assert!(server.requests().is_empty());
    let workspace = Workspace::new();
    super::write(&workspace, &fetching(&url, ""), &format!("{cases}output = [3, \"abc\"]\n"));
    let document = holds(super::test_json(&workspace, &["--live"]));
    assert!(document["seed"].is_null() && server.requests().len() == 1);
}

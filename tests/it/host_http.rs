//! `cis.http_request` and `host_http_post`: what is sent, what comes back, redirects, and each code.

use crate::program::Workspace;
use crate::script::Arg::{Bytes, Range, Text};
use crate::script::{BUFFER, MEMORY, Script, succeeded, tells};
use crate::server::Server;
use serde_json::{Value, json};
use std::io::{Read, Write};
use wiremock::{Request, ResponseTemplate};

const NAMES: [&str; 3] = ["cis.http_request", "env.host_http_post", "cis.host_http_post"];
const NOTHING: crate::script::Arg<'static> = Range(MEMORY, 0);

fn request(script: Script, name: &str, url: &str, body: &str) -> Script {
    script.call(name, &[Text(url), if body.is_empty() { NOTHING } else { Text(body) }, Range(BUFFER, 64)])
}

fn get(script: Script, url: &str) -> Script {
    request(script, "cis.http_request", url, "")
}

/// A server that answers `/302/LOCATION` with that redirect, `/status/CODE` with that status, and anything else with `ok`.
fn server() -> Server {
    Server::answering(|request: &Request| {
        let path = request.url.path().trim_start_matches('/');
        match path.split_once('/') {
            Some(("status", code)) => ResponseTemplate::new(code.parse::<u16>().unwrap()).set_body_string("sorry"),
            Some(("to", hops)) => match hops.parse::<u32>().unwrap() {
                0 => ResponseTemplate::new(200).set_body_string("arrived"),
                hops => ResponseTemplate::new(302).insert_header("location", format!("/to/{}", hops - 1)),
            },
            Some((code @ ("301" | "302" | "303" | "307" | "308"), location)) => {
                ResponseTemplate::new(code.parse::<u16>().unwrap()).insert_header("location", location)
            }
            _ => ResponseTemplate::new(200).set_body_string("ok"),
        }
    })
}

/// Runs a script that may ask this server.
#[track_caller]
fn granted(server: &Server, script: &Script) -> Value {
    script.document(&["--allow-http", &server.host()])
}

#[test]
fn an_empty_body_is_a_get_and_any_other_a_post_of_json() {
    let server = server();
    let url = format!("{}/path?q=1", server.url());
    let script = get(Script::new(), &url).show(BUFFER, 3);
    let script = request(script, "cis.http_request", &url, r#"{"a":1}"#);
    let script = request(script, "env.host_http_post", &url, "x");
    let script = request(script, "cis.host_http_post", &url, "");
    assert_eq!(granted(&server, &script)["output"], json!([2, "ok.", 2, 2, 2]));
    let seen: Vec<_> = server.requests().iter().map(|request| (request.method.to_string(), request.body.clone())).collect();
    let posted = |body: &str| ("POST".to_owned(), body.as_bytes().to_vec());
    assert_eq!(seen, [("GET".to_owned(), Vec::new()), posted(r#"{"a":1}"#), posted("x"), posted("")]);
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.url.path() == "/path" && request.url.query() == Some("q=1")));
    assert!(requests[1..].iter().all(|request| request.headers["content-type"] == "application/json"));
    assert!(!requests[0].headers.contains_key("content-type"));
}

#[test]
fn bodies_are_bytes_in_both_directions() {
    let server = Server::answering(|request: &Request| {
        ResponseTemplate::new(200).set_body_bytes([request.body.as_slice(), b"\xff\x00"].concat())
    });
    let script =
        Script::new().call("env.host_http_post", &[Text(&server.url()), Bytes(b"\xc0\x00"), Range(BUFFER, 64)]).show(BUFFER, 5);
    let document = granted(&server, &script);
    assert_eq!(document["output"], json!([4, "\u{c0}\0\u{ff}\0."]));
    let call = &document["host_calls"][0];
    assert_eq!((&call["request"]["body"], &call["response"]), (&json!({"base64": "wAA="}), &json!({"base64": "wAD/AA=="})));
    assert_eq!((&call["request"]["method"], &call["request"]["url"]), (&json!("POST"), &json!(server.url())));
}

#[test]
fn a_status_that_is_not_2xx_is_the_negated_result_and_the_buffer_stays_untouched() {
    let server = server();
    let statuses = [200, 201, 206, 299, 300, 304, 400, 401, 404, 418, 429, 500, 503, 599];
    let script = statuses.iter().fold(Script::new(), |script, status| get(script, &format!("{}/status/{status}", server.url())));
    let expected: Vec<i32> = statuses.iter().map(|&status| if status < 300 { 5 } else { -status }).collect();
    // A 304 has no body; a 2xx has its own.
    assert_eq!(granted(&server, &script)["output"], json!(expected));
    let script = request(Script::new(), "env.host_http_post", &format!("{}/status/404", server.url()), "x").show(BUFFER, 3);
    let document = granted(&server, &script);
    assert_eq!(document["output"], json!([-404, "..."]));
    assert_eq!(document["host_calls"][0]["response"], json!("sorry"), "the trace shows what the server said");
    let empty = Server::answering(|_| ResponseTemplate::new(204));
    assert_eq!(granted(&empty, &get(Script::new(), &empty.url()))["output"], json!([0]));
}

#[test]
fn a_redirect_without_a_target_is_its_status() {
    let server = Server::answering(|_| ResponseTemplate::new(302));
    assert_eq!(granted(&server, &get(Script::new(), &server.url()))["output"], json!([-302]));
}

#[test]
fn urls_that_are_malformed_or_of_another_scheme_are_code_minus_2() {
    let server = server();
    let host = server.host();
    let urls = [
        String::new(),
        "nonsense".into(),
        host.clone(),
        "http://".into(),
        format!("http//{host}/"),
        "http://127.0.0.1:99999/".into(),
        "http://[::1/".into(),
        format!("ftp://{host}/"),
        "file:///etc/passwd".into(),
        "data:text/plain,x".into(),
        "javascript:1".into(),
        "//127.0.0.1/".into(),
    ];
    let mut script = Script::new();
    for name in NAMES {
        script = urls.iter().fold(script, |script, url| request(script, name, url, "x"));
        script = script.call(name, &[Bytes(b"http://127.0.0.1/\xff"), Text("x"), Range(BUFFER, 64)]);
    }
    assert_eq!(granted(&server, &script)["output"], json!(vec![-2; NAMES.len() * (urls.len() + 1)]));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn all_ranges_are_checked_before_anything_is_sent() {
    let server = server();
    let url = server.url();
    let mut script = Script::new();
    for name in NAMES {
        for wrong in [Range(MEMORY, 1), Range(MEMORY + 1, 0), Range(u32::MAX, 1), Range(u32::MAX, u32::MAX), Range(1, MEMORY)] {
            script = script
                .call(name, &[wrong, NOTHING, Range(BUFFER, 64)])
                .call(name, &[Text(&url), wrong, Range(BUFFER, 64)])
                .call(name, &[Text(&url), NOTHING, wrong]);
        }
    }
    assert_eq!(granted(&server, &script)["output"], json!(vec![-2; NAMES.len() * 5 * 3]));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn sizes_over_the_limits_are_code_minus_5() {
    let long = format!("http://127.0.0.1/{}", "u".repeat(8193 - 17));
    let longest = &long[..8192];
    let script = get(get(Script::new(), &long), longest).pages(258);
    let script = script.call("env.host_http_post", &[Text(longest), Range(MEMORY, (16 << 20) + 1), Range(BUFFER, 1)]);
    let (document, _) = script.run(&["--max-trace", "0"]);
    assert_eq!(document["output"], json!([-5, -3, -5]));
    let huge = Server::answering(|_| ResponseTemplate::new(200).set_body_bytes(vec![b'x'; (16 << 20) + 1]));
    let script = get(Script::new(), &huge.url()).show(BUFFER, 1);
    assert_eq!(granted(&huge, &script)["output"], json!([-5, "."]));
    let largest = Server::answering(|_| ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 16 << 20]));
    let (document, _) = get(Script::new(), &largest.url()).run(&["--allow-http", &largest.host(), "--max-trace", "0"]);
    assert_eq!(document["output"], json!([16 << 20]));
}

#[test]
fn a_response_that_does_not_tell_its_length_is_not_read_further_than_the_limit() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        // Without an end, until the other side has had enough.
        let piece = vec![b'x'; 1 << 20];
        (0..1000).take_while(|_| stream.write_all(&piece).is_ok()).count()
    });
    let script = get(Script::new(), &format!("http://{host}/")).show(BUFFER, 1);
    assert_eq!(script.answer(&["--allow-http", &host]), json!([-5, "."]));
    let written = serving.join().unwrap();
    assert!((16..200).contains(&written), "{written} MiB");
}

#[test]
fn a_network_that_fails_is_code_minus_4() {
    let port = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port() };
    let script = get(Script::new(), &format!("http://127.0.0.1:{port}/"));
    assert_eq!(script.answer(&["--allow-http", &format!("127.0.0.1:{port}")]), json!([-4]));
    for response in ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "nonsense\r\n\r\n", ""] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(response.as_bytes()).unwrap();
        });
        let script = get(Script::new(), &format!("http://{host}/")).show(BUFFER, 1);
        assert_eq!(script.answer(&["--allow-http", &host]), json!([-4, "."]), "{response:?}");
        serving.join().unwrap();
    }
}

#[test]
fn ten_redirects_are_followed_and_an_eleventh_is_not() {
    let server = server();
    let url = server.url();
    let script = get(Script::new(), &format!("{url}/to/10")).show(BUFFER, 7);
    assert_eq!(granted(&server, &script)["output"], json!([7, "arrived"]));
    assert_eq!(server.requests().len(), 11);
    let server = self::server();
    let script = get(Script::new(), &format!("{}/to/11", server.url()));
    assert_eq!(granted(&server, &script)["output"], json!([-4]));
    assert_eq!(server.requests().len(), 11, "the last one is not followed");
    let looping = Server::answering(|_| ResponseTemplate::new(307).insert_header("location", "/again"));
    assert_eq!(granted(&looping, &get(Script::new(), &looping.url()))["output"], json!([-4]));
}

#[test]
fn each_hop_of_a_redirect_is_checked_against_the_grants() {
    let (first, second) = (server(), server());
    let url = format!("{}/307/{}/secret", first.url(), second.url());
    let script = request(get(Script::new(), &url), "env.host_http_post", &url, "x").show(BUFFER, 2);
    let document = granted(&first, &script);
    assert_eq!(document["output"], json!([-3, -3, ".."]));
    tells(&document["host_calls"][0]["error"], &[&second.host()]);
    assert_eq!(second.requests().len(), 0);
    let document = script.document(&["--allow-http", &first.host(), "--allow-http", &second.host()]);
    assert_eq!(document["output"], json!([2, 2, "ok"]));
    assert_eq!(second.requests()[1].body, b"x");
}

#[test]
fn a_redirect_to_another_scheme_is_not_followed() {
    let server = server();
    let script = get(Script::new(), &format!("{}/302/file:///etc/passwd", server.url())).show(BUFFER, 2);
    let answer = granted(&server, &script)["output"].clone();
    assert!(answer[0].as_i64().unwrap() < 0 && answer[1] == "..", "{answer}");
}

#[test]
fn a_post_stays_one_after_307_and_308_and_becomes_a_get_after_303() {
    for (status, method) in [("303", "GET"), ("307", "POST"), ("308", "POST")] {
        let server = server();
        let script = request(Script::new(), "env.host_http_post", &format!("{}/{status}//end", server.url()), "body");
        assert_eq!(granted(&server, &script)["output"], json!([2]), "{status}");
        let requests = server.requests();
        let body = if method == "GET" { "" } else { "body" };
        assert_eq!((requests[1].method.as_str(), requests[1].body.as_slice()), (method, body.as_bytes()), "{status}");
    }
}

#[test]
fn hosts_are_granted_exactly_with_their_port() {
    let server = server();
    let (url, host) = (server.url(), server.host());
    let port = host.rsplit_once(':').unwrap().1;
    let script = get(Script::new(), &url);
    let (by_name, as_number) = (format!("http://localhost:{port}/"), format!("http://2130706433:{port}/"));
    let other_port = format!("127.0.0.1:{}", port.parse::<u16>().unwrap() ^ 1);
    let not_enough = ["127.0.0.1", "localhost", "0.0.0.0", "example.com", &other_port, &format!("localhost:{port}")];
    for grant in not_enough {
        let document = script.document(&["--allow-http", grant]);
        assert_eq!(document["output"], json!([-3]), "{grant}");
        tells(&document["host_calls"][0]["error"], &[&host]);
    }
    assert_eq!(script.answer(&[]), json!([-3]), "a bare module has no host");
    assert_eq!(server.requests().len(), 0);
    let script = get(get(script, &by_name), &as_number);
    assert_eq!(script.answer(&["--allow-http", &host]), json!([2, -3, 2]), "a number is the same address, a name is not");
    assert_eq!(script.answer(&["--allow-http", &format!("localhost:{port}")]), json!([-3, 2, -3]));
}

#[test]
fn a_user_name_does_not_pass_for_a_host() {
    let server = server();
    let script = get(Script::new(), &format!("http://granted.example@{}/", server.host()));
    let answer = script.answer(&["--allow-http", "granted.example"]);
    assert!(answer == json!([-2]) || answer == json!([-3]), "{answer}");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_name_that_leads_into_this_machine_is_denied_though_granted() {
    let server = server();
    let port = server.host().rsplit_once(':').unwrap().1.to_owned();
    let own = std::fs::read_to_string("/etc/hostname").unwrap_or_default().trim().to_owned();
    for name in [own.as_str(), "localhost.localdomain", "ip6-localhost", "ip6-loopback"] {
        use std::net::ToSocketAddrs;
        let mut found = (name, 80).to_socket_addrs().into_iter().flatten();
        if name.is_empty()
            || !found
                .any(|address| address.ip().is_loopback() || matches!(address.ip(), std::net::IpAddr::V4(ip) if ip.is_private()))
        {
            continue;
        }
        let script = get(Script::new(), &format!("http://{name}:{port}/"));
        assert_eq!(script.answer(&["--allow-http", &format!("{name}:{port}")]), json!([-3]), "{name}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn the_manifest_grants_hosts() {
    let server = server();
    let script = get(Script::new(), &server.url());
    let grant = format!("[permissions]\nhttp = [\"{}\"]\n", server.host());
    assert_eq!(succeeded(script.run_with_manifest(&grant, &[]))["output"], json!([2]));
    assert_eq!(succeeded(script.run_with_manifest("", &[]))["output"], json!([-3]));
    let workspace = Workspace::new();
    workspace.write("probe.wat", script.module());
    let proxied = workspace.skillscope_with(
        &["--run", "probe", "--format", "json", "--allow-http", &server.host()],
        &[("HTTP_PROXY", "http://127.0.0.1:9"), ("http_proxy", "http://127.0.0.1:9")],
        b"",
    );
    assert_eq!(proxied.json()["output"], json!([2]), "a proxy of the environment is no way round the checks");
}

//! HTTP requests of a guest over loopback: methods, codes, redirects, limits.

use super::server::{Answer, Server, ok, redirect, response};
use super::{Guest, MEMORY_END, Setting};
use crate::event::{Limits, Payload};
use crate::host::Stop;
use crate::skill::Permissions;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::time::{Duration, Instant};

const GET: &str = "cis.http_request";
const POST: &str = "env.host_http_post";

fn granting(hosts: &[String]) -> Setting {
    Setting { permissions: Permissions { http: hosts.to_vec(), ..Permissions::default() }, ..Setting::default() }
}

fn granted(server: &Server) -> Setting {
    granting(&[format!("127.0.0.1:{}", server.port)])
}

/// Puts URL and body into memory and makes the request into a buffer at 1000.
fn request(guest: &mut Guest, name: &str, url: &str, body: &str, capacity: i32) -> i32 {
    guest.call(name, &arguments(guest, url, body, capacity))
}

fn arguments(guest: &Guest, url: &str, body: &str, capacity: i32) -> [i32; 6] {
    guest.put(0, url);
    guest.put(500, body);
    [0, i32::try_from(url.len()).unwrap(), 500, i32::try_from(body.len()).unwrap(), 1000, capacity]
}

#[test]
fn an_empty_body_gets_and_another_posts_json() {
    let server = Server::new(|_, _| ok([b'r', 0xff]));
    let mut guest = Guest::new(granted(&server));
    assert_eq!(request(&mut guest, GET, &server.url("/a?b=c"), "", 10), 2);
    assert_eq!(guest.bytes(1000, 2), [b'r', 0xff]);
    assert_eq!(guest.last().response, Some(Payload::Bytes(vec![b'r', 0xff])));
    assert_eq!(request(&mut guest, GET, &server.url("/"), "{}", 10), 2);
    assert_eq!(request(&mut guest, POST, &server.url("/"), "", 10), 2);
    assert_eq!(request(&mut guest, "cis.host_http_post", &server.url("/"), "[1]", 10), 2);
    let seen = server.seen();
    assert!(seen[0].head.starts_with("GET /a?b=c HTTP/1.1"), "{}", seen[0].head);
    assert!(seen[0].head.to_lowercase().contains(&format!("user-agent: skillscope/{}", env!("CARGO_PKG_VERSION"))));
    assert!(!seen[0].head.to_lowercase().contains("content-type"));
    for (seen, body) in seen[1..].iter().zip(["{}", "", "[1]"]) {
        assert!(seen.head.starts_with("POST / "), "{}", seen.head);
        assert!(seen.head.to_lowercase().contains("content-type: application/json"));
        assert_eq!(seen.body, body.as_bytes());
    }
    let fields: Vec<_> = guest.started()[0].request.0.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(fields, ["url", "method", "body"]);
    assert_eq!(guest.started()[0].request.get("method"), Some(&Payload::from("GET")));
}

#[test]
fn a_truncated_response_is_held_and_not_requested_again() {
    let server = Server::new(|_, _| ok("0123456789"));
    let mut guest = Guest::new(granted(&server));
    assert_eq!(request(&mut guest, GET, &server.url("/"), "", 3), 10);
    assert_eq!(guest.bytes(1000, 4), b"012\0");
    assert_eq!(request(&mut guest, GET, &server.url("/"), "", 10), 10);
    assert_eq!(guest.bytes(1000, 10), b"0123456789");
    assert!(guest.last().held);
    assert_eq!(server.seen().len(), 1);
    assert_eq!(request(&mut guest, GET, &server.url("/"), "", 10), 10);
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn malformed_urls_and_ranges_are_minus_two_and_send_nothing() {
    let server = Server::new(|_, _| ok(""));
    let mut guest = Guest::new(granted(&server));
    let port = server.port;
    for url in [
        "",
        "127.0.0.1",
        "/path",
        "http://",
        "http://[::1",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://a b/",
        &format!("http://user@127.0.0.1:{port}/"),
        &format!("http://:secret@127.0.0.1:{port}/"),
    ] {
        assert_eq!(request(&mut guest, GET, url, "", 10), -2, "{url}");
        let _ = guest.last();
    }
    let whole = arguments(&guest, &server.url("/"), "x", 10);
    for (at, value) in [(0, -1), (1, -1), (2, MEMORY_END), (3, -1), (4, MEMORY_END), (5, -1)] {
        let mut wrong = whole;
        wrong[at] = value;
        assert_eq!(guest.call(GET, &wrong), -2, "{wrong:?}");
    }
    guest.put(2000, "h".repeat(9000));
    assert_eq!(guest.call(GET, &[2000, 8193, 0, 0, 0, 0]), -5);
    assert!(server.seen().is_empty());
}

#[test]
fn hosts_without_a_grant_are_denied_by_the_line_that_would_grant_them() {
    let server = Server::new(|_, _| ok(""));
    let port = server.port;
    for hosts in
        [vec![], vec!["127.0.0.1".to_owned()], vec![format!("localhost:{port}")], vec![format!("127.0.0.1:{}", port - 1)]]
    {
        let mut guest = Guest::new(granting(&hosts));
        assert_eq!(request(&mut guest, GET, &server.url("/"), "", 10), -3, "{hosts:?}");
        assert!(guest.last_error().contains(&format!("http = [\"127.0.0.1:{port}\"]")), "{}", guest.last_error());
    }
    assert!(server.seen().is_empty());
}

#[test]
fn localhost_may_be_granted_and_any_other_name_of_this_machine_may_not() {
    let server = Server::new(|_, _| ok("here"));
    let port = server.port;
    let mut guest = Guest::new(granting(&[format!("localhost:{port}"), format!("localhost.:{port}")]));
    assert_eq!(request(&mut guest, GET, &format!("http://localhost:{port}/"), "", 10), 4);
    let code = request(&mut guest, GET, &format!("http://localhost.:{port}/"), "", 10);
    // Some systems do not resolve the name with its final dot at all.
    assert!(code == -3 || code == -4, "{code}: {}", guest.last_error());
    if code == -3 {
        assert!(guest.last_error().contains("not a public address"), "{}", guest.last_error());
    }
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_status_that_is_not_2xx_is_negated_and_its_body_shown() {
    let server = Server::new(|seen, _| {
        let status = seen.path().trim_start_matches('/').to_owned();
        Answer::Bytes(response(&format!("{status} Word"), "", format!("body of {status}")))
    });
    let mut guest = Guest::new(granted(&server));
    for (status, code) in
        [(404, -404), (500, -500), (599, -599), (304, -304), (300, -300), (301, -301), (600, -4), (201, 11), (299, 11)]
    {
        assert_eq!(request(&mut guest, GET, &server.url(&format!("/{status}")), "", 100), code, "{status}");
        if code == -404 {
            assert_eq!(guest.last().response, Some(Payload::from("body of 404")));
            assert!(guest.last_error().contains("404"));
        }
    }
}

#[test]
fn a_late_body_of_an_error_does_not_keep_its_status_back() {
    let server = Server::new(|_, _| Answer::Hang(b"HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nbeginning".to_vec()));
    let mut guest = Guest::new(granted(&server));
    assert_eq!(request(&mut guest, GET, &server.url("/"), "", 100), -500);
    assert_eq!(guest.last().response, Some(Payload::from("beginning")));
}

#[test]
fn redirects_are_followed_to_granted_hosts_with_the_right_method() {
    let server = Server::new(|seen, _| match seen.path() {
        "/end" => ok(seen.head.split(' ').next().unwrap_or_default()),
        path => redirect(path.trim_start_matches('/').parse().unwrap(), "/end"),
    });
    let mut guest = Guest::new(granted(&server));
    for (status, method) in [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")] {
        let length = request(&mut guest, POST, &server.url(&format!("/{status}")), "{}", 100);
        assert_eq!(guest.bytes(1000, usize::try_from(length).unwrap()), method.as_bytes(), "{status}");
        let body = server.seen().pop().unwrap().body;
        assert_eq!(body, if method == "POST" { "{}" } else { "" }.as_bytes());
    }
}

#[test]
fn a_redirect_to_a_host_without_a_grant_is_denied_before_it_is_asked() {
    let other = Server::new(|_, _| ok("secret"));
    let there = format!("http://127.0.0.1:{}/", other.port);
    let to = there.clone();
    let server = Server::new(move |seen, _| match seen.path() {
        "/file" => redirect(302, "file:///etc/passwd"),
        "/user" => redirect(302, "http://user:pw@127.0.0.1/"),
        "/broken" => redirect(302, "http://[::1"),
        "/metadata" => redirect(302, "//169.254.169.254/latest"),
        _ => redirect(302, &to),
    });
    let mut guest = Guest::new(granted(&server));
    assert_eq!(request(&mut guest, GET, &server.url("/"), "", 100), -3);
    assert!(guest.last_error().contains(&there) && guest.last_error().contains("--allow-http"), "{}", guest.last_error());
    assert_eq!(request(&mut guest, GET, &server.url("/metadata"), "", 100), -3);
    for path in ["/file", "/user", "/broken"] {
        assert_eq!(request(&mut guest, GET, &server.url(path), "", 100), -4, "{path}");
    }
    assert!(other.seen().is_empty());
}

#[test]
fn ten_redirects_are_followed_and_no_more() {
    let server = Server::new(|seen, _| match seen.path().trim_start_matches('/').parse::<u32>() {
        Ok(0) => ok("end"),
        Ok(left) => redirect(307, &format!("/{}", left - 1)),
        Err(_) => redirect(302, "/loop"),
    });
    let mut guest = Guest::new(granted(&server));
    assert_eq!(request(&mut guest, GET, &server.url("/10"), "", 100), 3);
    assert_eq!(server.seen().len(), 11);
    assert_eq!(request(&mut guest, GET, &server.url("/11"), "", 100), -4);
    assert_eq!(request(&mut guest, GET, &server.url("/loop"), "", 100), -4);
    assert!(guest.last_error().contains("redirects"));
}

#[test]
fn a_body_over_the_limit_is_refused_whatever_its_length_says() {
    let bomb = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; 64 << 20]).unwrap();
        encoder.finish().unwrap()
    };
    assert!(bomb.len() < 100_000);
    let server = Server::new(move |seen, _| match seen.path() {
        "/bomb" => Answer::Bytes(response("200 OK", "Content-Encoding: gzip\r\n", &bomb)),
        "/endless" => Answer::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 65_536]),
        "/announced" => Answer::Hang(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec()),
        "/short" => Answer::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec()),
        "/exact" => ok("e".repeat(1000)),
        _ => ok("o".repeat(1001)),
    });
    let limits = Limits { response_bytes: 1000, ..Limits::default() };
    let mut guest = Guest::new(Setting { limits, ..granted(&server) });
    for path in ["/bomb", "/endless", "/announced", "/over"] {
        assert_eq!(request(&mut guest, GET, &server.url(path), "", 100), -5, "{path}");
    }
    assert_eq!(request(&mut guest, GET, &server.url("/exact"), "", 2000), 1000);
    assert_eq!(request(&mut guest, GET, &server.url("/short"), "", 100), -4);
}

#[test]
fn a_packed_body_arrives_unpacked() {
    let packed = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(b"hello hello hello").unwrap();
        encoder.finish().unwrap()
    };
    let server = Server::new(move |_, _| Answer::Bytes(response("200 OK", "Content-Encoding: gzip\r\n", &packed)));
    let mut guest = Guest::new(granted(&server));
    assert_eq!(request(&mut guest, GET, &server.url("/"), "", 100), 17);
    assert_eq!(guest.bytes(1000, 17), b"hello hello hello");
}

#[test]
fn a_server_that_fails_is_minus_four() {
    let server = Server::new(|seen, _| match seen.path() {
        "/closed" => Answer::Bytes(Vec::new()),
        _ => Answer::Bytes(b"what is HTTP?\r\n\r\n".to_vec()),
    });
    let mut guest = Guest::new(granting(&[format!("127.0.0.1:{}", server.port), "127.0.0.1:1".into()]));
    for url in [server.url("/closed"), server.url("/garbage"), "http://127.0.0.1:1/".to_owned()] {
        assert_eq!(request(&mut guest, GET, &url, "", 100), -4, "{url}");
        assert!(!guest.last_error().is_empty());
    }
    assert!(guest.last_error().to_lowercase().contains("refused"), "{}", guest.last_error());
}

#[test]
fn https_to_a_server_that_does_not_speak_it_is_minus_four() {
    let server = Server::new(|_, _| ok("plain"));
    let mut guest = Guest::new(granted(&server));
    assert_eq!(request(&mut guest, GET, &format!("https://127.0.0.1:{}/", server.port), "", 100), -4);
    assert!(!guest.last_error().is_empty());
}

#[test]
fn a_slow_server_ends_with_the_deadline_and_with_a_cancel() {
    let server = Server::new(|seen, _| match seen.path() {
        "/silent" => Answer::Hang(Vec::new()),
        _ => Answer::Hang(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning".to_vec()),
    });
    for path in ["/silent", "/beginning"] {
        let limits = Limits { timeout_ms: 100, ..Limits::default() };
        let mut guest = Guest::new(Setting { limits, ..granted(&server) });
        let began = Instant::now();
        let arguments = arguments(&guest, &server.url(path), "", 100);
        assert!(matches!(guest.call_void(GET, &arguments), Err(Stop::Timeout)), "{path}");
        assert!(began.elapsed() < Duration::from_secs(10));
        assert_eq!(guest.last().result, None);
    }
    let mut guest = Guest::new(granted(&server));
    let control = guest.control.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        control.cancel();
    });
    let arguments = arguments(&guest, &server.url("/silent"), "", 100);
    assert!(matches!(guest.call_void(GET, &arguments), Err(Stop::Cancelled)));
}

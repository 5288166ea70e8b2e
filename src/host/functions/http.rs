//! HTTP requests of a skill.

use super::arguments::{self, Field};
use super::call::{Code, Env, Fault, GuestRange, Host, Import, Refusal, Started};
use super::fill::{Buffer, Found, Response, fill_as};
use crate::event::Payload;
use crate::host::Stop;
use crate::host::http::{HttpError, HttpRequest, Method, UrlError, parse_url};
use std::sync::Arc;

/// How a function chooses its method.
#[derive(Clone, Copy, Debug)]
pub(super) enum Choice {
    /// GET with an empty body, else POST.
    GetWithoutBody,
    /// POST, whatever the body.
    AlwaysPost,
}

impl Choice {
    fn method(self, has_body: bool) -> Method {
        match self {
            Self::GetWithoutBody if !has_body => Method::Get,
            Self::GetWithoutBody | Self::AlwaysPost => Method::Post,
        }
    }
}

impl From<UrlError> for Refusal {
    fn from(error: UrlError) -> Self {
        Self::new(Code::Invalid, format!("url: {error}"))
    }
}

/// `cis.http_request`, `host_http_post`.
pub(super) fn request(
    env: &mut Env<'_>,
    import: &Import,
    choice: Choice,
    [url, body]: [GuestRange; 2],
    buffer: Buffer,
) -> Result<i32, Stop> {
    let fields = [Field::key("url", url), Field::bytes("body", body, env.data().limits.request_bytes)];
    let read = |host: &mut Host<'_>| {
        let (mut request, checked) = arguments::read(host, &fields, Some(buffer));
        let method = choice.method(body.1 > 0);
        let after_url = usize::from(request.get("url").is_some());
        request.0.insert(after_url, ("method".into(), method.name().into()));
        (request, checked)
    };
    fill_as(env, import, read, buffer, |call| send(call, choice))
}

fn send(call: &mut Started<'_, '_>, choice: Choice) -> Result<Found, Fault> {
    let url = parse_url(arguments::text(call.request, "url")).map_err(Refusal::from)?;
    // Asked again with each hop; a fault must not hide that the first one is not granted.
    call.host.state.grants.check_url(&url)?;
    if let Some(found) = call.befall()? {
        return Ok(found);
    }
    let state = &*call.host.state;
    let body = arguments::bytes(call.request, "body").to_vec();
    let request = HttpRequest {
        method: choice.method(!body.is_empty()),
        url,
        body,
        grants: Arc::clone(&state.grants),
        response_limit: state.limits.response_bytes,
    };
    let client = state.services.http.clone();
    let response = match state.services.bridge.wait(&state.control, async move { client.send(request).await })? {
        Ok(response) => response,
        Err(error) => return Err(Refusal::from(error).into()),
    };
    if !(200..300).contains(&response.status) {
        let code = Code::Status(response.status);
        let error = format!("the server answered with status {}", response.status);
        return Err(Refusal { response: Some(Payload::from(response.body)), ..Refusal::new(code, error) }.into());
    }
    Ok(Found::Response(Response { bytes: response.body, ..Response::default() }))
}

impl From<HttpError> for Refusal {
    fn from(error: HttpError) -> Self {
        let code = match error {
            HttpError::Denied(_) | HttpError::RedirectDenied { .. } | HttpError::NotPublic { .. } => Code::Denied,
            HttpError::TooLarge { .. } => Code::Limit,
            HttpError::TooManyRedirects | HttpError::BadRedirect(_) | HttpError::Failed(_) => Code::Failed,
        };
        Self::new(code, error.to_string())
    }
}

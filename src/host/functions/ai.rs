//! Asking the AI: the lead answers the skill, the shadows are asked the same beside it.

use super::arguments::{self, Field};
use super::call::{Code, Env, Fault, GuestRange, Import, Refusal, Started};
use super::fill::{Buffer, Found, Response, fill};
use crate::host::Stop;
use crate::host::ai::AiError;
use crate::host::shadows::ShadowAsk;
use std::sync::Arc;

/// `cis.ai_prompt`, `host_ai_chat`.
pub(super) fn ask(env: &mut Env<'_>, import: &Import, prompt: GuestRange, buffer: Buffer) -> Result<i32, Stop> {
    let prompt = Field::text("prompt", prompt, env.data().limits.request_bytes);
    fill(env, import, &[prompt], buffer, answer)
}

fn answer(call: &mut Started<'_, '_>) -> Result<Found, Fault> {
    let state = &*call.host.state;
    state.grants.check_ai()?;
    let prompt = arguments::text(call.request, "prompt");
    let services = &state.services;
    let shadow_ask = ShadowAsk { bridge: &services.bridge, control: &state.control, sink: &state.sink, call: call.id, prompt };
    for shadow in &services.ai.shadows {
        state.shadows.ask(shadow, &shadow_ask);
    }
    let (lead, owned_prompt) = (Arc::clone(&services.ai.lead), prompt.to_owned());
    let provider = Some(lead.label());
    match services.bridge.wait(&state.control, async move { lead.ask(owned_prompt).await })? {
        Ok(answer) => Ok(Found::Response(Response {
            bytes: answer.text.into_bytes(),
            is_text: true,
            provider,
            tokens: answer.tokens,
            held: false,
        })),
        Err(error) => {
            if matches!(error, AiError::NotRecorded { .. }) {
                // A skill may take it for any failure; whoever looks at the run shall not.
                state.sink.warn(format!("call {}: {error}", call.id.0));
            }
            Err(Refusal { provider, ..Refusal::new(code_of(&error), error.to_string()) }.into())
        }
    }
}

const fn code_of(error: &AiError) -> Code {
    match error {
        AiError::TooLarge { .. } => Code::Limit,
        AiError::Mocked(_)
        | AiError::Failed { .. }
        | AiError::NoText { .. }
        | AiError::NotRecorded { .. }
        | AiError::NoKey { .. } => Code::Failed,
    }
}

//! The families of no, and the codes and wordings by which upstreams show them. Data first,
//! so that a new word is a new line.

use crate::domain::Reason;

/// Codes and types that name a family, lower-case. A final `*` takes any ending.
const NAMED: &[(&str, Reason)] = &[
    ("moderation_*", Reason::Policy),
    ("input_moderation", Reason::Policy),
    ("output_moderation", Reason::Policy),
    ("content_policy*", Reason::Policy),
    ("content_filter*", Reason::Policy),
    ("content_moderat*", Reason::Policy),
    ("policy_violation*", Reason::Policy),
    ("responsibleaipolicyviolation", Reason::Policy),
    ("safety*", Reason::Policy),
    ("prohibited_content", Reason::Policy),
    ("datainspectionfailed", Reason::Policy),
    ("inputtextsensitivecontentdetected*", Reason::Policy),
    ("inputimagesensitivecontentdetected*", Reason::Policy),
    ("outputvideosensitivecontentdetected*", Reason::Policy),
    ("sensitivecontentdetected*", Reason::Policy),
    ("1026", Reason::Policy),
    ("1027", Reason::Policy),
    ("1300", Reason::Policy),
    ("1301", Reason::Policy),
    ("likeness*", Reason::Likeness),
    ("human_likeness*", Reason::Likeness),
    ("public_figure*", Reason::Likeness),
    ("real_person*", Reason::Likeness),
    ("copyright*", Reason::Likeness),
    ("third_party_similarity*", Reason::Likeness),
    ("unsupported_country*", Reason::Region),
    ("unsupported_region*", Reason::Region),
    ("region_not*", Reason::Region),
    ("country_not*", Reason::Region),
    ("insufficient_quota", Reason::Funds),
    ("insufficient_user_quota", Reason::Funds),
    ("insufficient_balance", Reason::Funds),
    ("insufficient_credit*", Reason::Funds),
    ("insufficient_funds", Reason::Funds),
    ("credit_balance*", Reason::Funds),
    ("organization_spend_limit*", Reason::Funds),
    ("project_spend_limit*", Reason::Funds),
    ("organization_usage_limit*", Reason::Funds),
    ("billing*", Reason::Funds),
    ("payment_required", Reason::Funds),
    ("budget_ex*", Reason::Funds),
    ("accountoverdue*", Reason::Funds),
    ("1008", Reason::Funds),
    ("1101", Reason::Funds),
    ("1102", Reason::Funds),
    ("invalid_api_key", Reason::Access),
    ("invalid_token", Reason::Access),
    ("authentication*", Reason::Access),
    ("unauthorized", Reason::Access),
    ("permission*", Reason::Access),
    ("access_denied", Reason::Access),
    ("forbidden", Reason::Access),
    ("model_not_found", Reason::Access),
    ("account_deactivated", Reason::Access),
    ("organization_not_verified", Reason::Access),
];

/// Wordings, looked for in this order, lower-case, from the start of a word; a final `*` takes any ending.
const WORDINGS: &[(Reason, &[&str])] = &[
    (
        Reason::Likeness,
        &[
            "real person",
            "real people",
            "likeness*",
            "public figure*",
            "celebrit*",
            "identifiable p*",
            "human face*",
            "third-party content",
            "third party content",
            "copyright*",
            "trademark*",
        ],
    ),
    (
        Reason::Region,
        &[
            "country, region*",
            "available in your country",
            "available in your region",
            "supported in your*",
            "unsupported region",
        ],
    ),
    (
        Reason::Policy,
        &[
            "moderation*",
            "content polic*",
            "content_policy*",
            "content filter*",
            "usage polic*",
            "policy violation*",
            "violates our*",
            "violates the content*",
            "guardrail*",
            "guidelines",
            "safety",
            "sensitive content",
            "inappropriate",
            "nsfw",
            "prohibited content",
            "flagged",
        ],
    ),
    (
        Reason::Funds,
        &[
            "billing",
            "credit balance",
            "insufficient credit*",
            "insufficient balance",
            "insufficient quota",
            "insufficient fund*",
            "not enough credit*",
            "out of credit*",
            "spend limit",
            "exceeded your current quota",
            "payment required",
            "余额不足",
            "额度不足",
        ],
    ),
    (
        Reason::Access,
        &[
            "api key*",
            "unauthorized",
            "authentication*",
            "not authorized",
            "do not have access",
            "does not have access",
            "permission*",
            "must be verified",
            "invalid token",
            "not authenticated",
        ],
    ),
];
/// Wordings of a 429 that is about speed, whatever else it mentions.
const SPEED: &[&str] = &["rate limit*", "per minute", "per second", "too many*", "concurren*", "slow down"];

/// The family that a code or a type names outright.
pub(super) fn named(name: &str) -> Option<Reason> {
    let name = name.trim().to_lowercase();
    NAMED.iter().find(|(pattern, _)| fits(&name, pattern)).map(|(_, reason)| *reason)
}

/// The family that a sentence sounds like.
pub(super) fn worded(text: &str) -> Option<Reason> {
    let text = text.to_lowercase();
    WORDINGS.iter().find(|(_, phrases)| phrases.iter().any(|phrase| holds(&text, phrase))).map(|(reason, _)| *reason)
}

/// Whether a sentence is about too many requests at once.
pub(super) fn about_speed(text: &str) -> bool {
    let text = text.to_lowercase();
    SPEED.iter().any(|phrase| holds(&text, phrase))
}

fn fits(name: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start))
}

/// Whether a phrase stands in a text as whole words: "safety" is not in "model.safetensors".
fn holds(text: &str, phrase: &str) -> bool {
    let (phrase, open) = phrase.strip_suffix('*').map_or((phrase, false), |start| (start, true));
    // Scripts without blanks between words have no word edges to look for.
    let plain = phrase.is_ascii();
    text.match_indices(phrase).any(|(at, found)| {
        let before = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = text[at + found.len()..].chars().next().is_some_and(char::is_alphanumeric);
        !plain || (!before && (open || !after))
    })
}

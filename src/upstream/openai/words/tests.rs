use super::*;
use serde_json::json;

fn said(body: &Value) -> (Option<String>, Option<String>) {
    let said = Said::read(body).unwrap_or_default();
    (said.code, said.message)
}

#[test]
fn words_are_found_in_every_known_envelope() {
    let text = |text: &str| Some(text.to_owned());
    for (body, code, message) in [
        (json!({"error": {"message": "m", "type": "t", "param": null, "code": "c"}}), text("c"), text("m")),
        (json!({"error": {"message": "m", "type": "Bad Request", "code": 400}}), text("400"), text("m")),
        (json!({"error": {"message": "m"}}), None, text("m")),
        (json!({"error": "m"}), None, text("m")),
        (json!({"error": {"error": {"code": "c", "message": "m"}}}), text("c"), text("m")),
        (json!({"code": "c", "error": "m"}), text("c"), text("m")),
        (json!({"code": "c", "message": "m", "data": null}), text("c"), text("m")),
        (json!({"detail": "m"}), None, text("m")),
        (json!({"detail": {"error": {"message": "m"}}}), None, text("m")),
        (
            json!({"detail": [{"loc": ["body", "seconds"], "msg": "m", "type": "int"}, {"msg": "n"}]}),
            None,
            text("seconds: m; n"),
        ),
        (json!({"errors": ["m", "n"]}), None, text("m; n")),
        (json!({"failure": "m", "failureCode": "SAFETY.INPUT"}), text("SAFETY.INPUT"), text("m")),
        (json!({"failure_reason": "m"}), None, text("m")),
        (json!({"fail_reason": "m"}), None, text("m")),
        (json!({"reason": "m"}), None, text("m")),
        (json!({"base_resp": {"status_code": 1026, "status_msg": "m"}}), text("1026"), text("m")),
        (json!({"message": "m"}), None, text("m")),
        (json!({"error": {"code": "c"}}), text("c"), None),
        (json!({"code": "success", "message": "", "data": {}}), None, None),
        (json!({"error": null}), None, None),
        (json!({"error": {}}), None, None),
        (json!({"error": []}), None, None),
        (json!({}), None, None),
        (json!([]), None, None),
        (json!("m"), None, None),
        (json!(7), None, None),
        (json!(null), None, None),
    ] {
        assert_eq!(said(&body), (code, message), "{body}");
    }
}

#[test]
fn a_no_belongs_to_a_family_by_code_then_type_then_wording() {
    use Reason as R;
    for (body, family) in [
        (json!({"error": {"code": "moderation_blocked", "message": "no billing"}}), Some(R::Policy)),
        (json!({"error": {"code": null, "type": "insufficient_quota", "message": "m"}}), Some(R::Funds)),
        (
            json!({"error": {"type": "invalid_request_error", "message": "Blocked by our moderation system"}}),
            Some(R::Policy),
        ),
        (json!({"detail": [{"type": "content_policy_violation", "msg": "m"}]}), Some(R::Policy)),
        (json!({"failure": "m", "failureCode": "SAFETY.INPUT.TEXT"}), Some(R::Policy)),
        (json!({"failure_reason": "m", "failure_code": "content_moderated"}), Some(R::Policy)),
        (json!({"error": {"code": "InputTextSensitiveContentDetected.X", "message": "m"}}), Some(R::Policy)),
        (json!({"base_resp": {"status_code": 1027, "status_msg": "m"}}), Some(R::Policy)),
        (json!({"code": 1301, "message": "m"}), Some(R::Policy)),
        (json!({"error": "input image contains a real person"}), Some(R::Likeness)),
        (json!({"error": "similar to third-party content"}), Some(R::Likeness)),
        (json!({"error": {"code": "unsupported_country_region_territory", "message": "m"}}), Some(R::Region)),
        (json!({"error": {"code": "credit_balance_exhausted", "message": "m"}}), Some(R::Funds)),
        (json!({"error": {"code": "billing_hard_limit_reached", "message": "m"}}), Some(R::Funds)),
        (json!({"code": "AccountOverdueError", "message": "m"}), Some(R::Funds)),
        (json!({"message": "用户额度不足"}), Some(R::Funds)),
        (json!({"error": {"code": "invalid_api_key", "message": "m"}}), Some(R::Access)),
        (json!({"error": "Your organization must be verified to use sora-2"}), Some(R::Access)),
        (json!({"error": {"code": "invalid_value", "message": "seconds must be 4, 8 or 12"}}), None),
        (json!({"error": "cannot open model.safetensors"}), None),
        (json!({"error": "CUDA out of memory"}), None),
    ] {
        assert_eq!(Said::read(&body).and_then(|said| said.family()), family, "{body}");
    }
}

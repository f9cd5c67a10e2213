"""Reads requests as a receiver of webhooks would, one JSON line each: {secret, headers, body}; prints what each says."""

import json
import sys

from openai import InvalidWebhookSignatureError, OpenAI

client = OpenAI(api_key="none", base_url="http://127.0.0.1:9/v1")
for line in sys.stdin:
    told = json.loads(line)
    event = client.webhooks.unwrap(told["body"], told["headers"], secret=told["secret"])
    altered = told["body"].replace("video.", "audio.")
    try:
        client.webhooks.unwrap(altered, told["headers"], secret=told["secret"])
        raise SystemExit("an altered body was believed")
    except InvalidWebhookSignatureError:
        pass
    print(json.dumps({"type": event.type, "id": event.id, "video": event.data.id, "created_at": event.created_at}))

def test_ready_while_the_database_answers(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_readiness_fails_as_soon_as_the_pod_stops_while_requests_are_answered(client, draining):
    draining.set()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "stopping" in answer.text
    assert client.get("/").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_metrics_count_requests_by_route_and_never_by_path(client):
    client.get("/")
    client.get("/invented-by-a-stranger")
    text = client.get("/metrics").text
    assert 'guestbook_requests_total{method="GET",route="/",status="200"} 1.0' in text
    assert 'route="unknown",status="404"' in text
    assert "invented" not in text


def test_two_applications_in_one_process_count_apart(client_with):
    first, second = client_with(), client_with()
    first.get("/")
    assert 'route="/"' not in second.get("/metrics").text


def test_every_answer_tells_its_pod(client):
    for path in ("/", "/api/status", "/healthz", "/metrics", "/invented"):
        assert client.get(path).headers["X-Pod"] == "guestbook-7d9f-x2kqp", path

"""What surrounds every request."""

from bot.page.security import content_security_policy


def test_the_policy_names_no_outside_host() -> None:
    """Nothing may come from anywhere but this server."""
    for directive in content_security_policy("abc").split("; "):
        for source in directive.split()[1:]:
            assert source in {
                "'none'", "'self'", "'nonce-abc'", "'unsafe-eval'", "'unsafe-inline'", "data:"
            }  # fmt: skip

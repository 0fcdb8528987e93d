from litellm.proxy._types import ProxyException, UserAPIKeyAuth


async def user_api_key_auth(request, api_key: str) -> UserAPIKeyAuth:
    if api_key != "sk-parley-test":
        raise ProxyException(
            message=f"Authentication Error, invalid key {api_key}", type="auth_error", param="key", code=401
        )
    return UserAPIKeyAuth(api_key=api_key)

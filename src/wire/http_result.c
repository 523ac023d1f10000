#include "wire/http_result.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>

/* With TLS 1.3 a server that wants a certificate says so when the handshake seems to be over. */
static bool
is_alert(int status, struct str detail)
{
	return status == 0 && str_find(detail, STR(" alert ")) < detail.n;
}

enum http_end
http_result_end(void *easy, int code, int status, struct str detail)
{
	long redirects = 0, os_error = 0;

	curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
	switch (code) {
	case CURLE_OK:
		return HTTP_DONE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return HTTP_UNRESOLVED;
	case CURLE_COULDNT_CONNECT:
		return os_error == ETIMEDOUT ? HTTP_CONNECT_TIMEOUT : HTTP_REFUSED;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_CONNECT_TIMEOUT;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return is_alert(status, detail) ? HTTP_TLS : HTTP_RESET;
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return HTTP_RESET;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CLIENTCERT:
		return HTTP_TLS;
	case CURLE_TOO_MANY_REDIRECTS:
		return HTTP_REDIRECT;
	case CURLE_UNSUPPORTED_PROTOCOL:	/* HTTP/0.9, or a redirect to another protocol */
	case CURLE_LOGIN_DENIED:
	case CURLE_URL_MALFORMAT:
		return redirects > 0 || status >= 300 ? HTTP_REDIRECT :
		    code == CURLE_UNSUPPORTED_PROTOCOL ? HTTP_MALFORMED : HTTP_FAILED;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_OUT_OF_MEMORY:	/* a header line of 100 KB */
#if LIBCURL_VERSION_NUM >= 0x080600
	case CURLE_TOO_LARGE:
#endif
		return HTTP_MALFORMED;
	default:
		return HTTP_FAILED;
	}
}

void
http_result_words(int code, char *detail, size_t size)
{
	struct buf words = { 0 };

	buf_str(&words, str_from(curl_easy_strerror((CURLcode)code)));
	if (detail[0] != '\0')
		buf_printf(&words, ": %s", detail);
	snprintf(detail, size, "%s", buf_cstr(&words));
	buf_done(&words);
}

"""Sentences of our own that stand in the ledger in English, in Chinese (simplified).

What stands in braces may be anything, and is translated as well if it is among these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_TO_ANY: Final[Mapping[str, str]] = {
    "{sentence} (request id {request_id})": "{sentence}（请求 ID：{request_id}）",
    # The ledger keeps 200 characters of a sentence.
    "{sentence} (request id {beginning}": "{sentence}（请求 ID：{beginning}……）",
}

_API: Final[Mapping[str, str]] = {
    "The DMS API finds the project id badly formed ({source}): check huaweicloud.project_id.": (
        "DMS API 认为项目 ID 格式有误（{source}）：请检查 huaweicloud.project_id。"
    ),
    "The DMS API finds the instance id badly formed ({source}): check instance_id.": (
        "DMS API 认为实例 ID 格式有误（{source}）：请检查 instance_id。"
    ),
    "The DMS API finds the task id badly formed ({source}): check task_id.": (
        "DMS API 认为任务 ID 格式有误（{source}）：请检查 task_id。"
    ),
    "The DMS API cannot answer while the instance is busy ({source}); the next tick asks again.": (
        "实例正忙，DMS API 暂时无法应答（{source}）；下一次将再次查询。"
    ),
    "The DMS API asks for fewer requests ({source}); the next tick asks again.": (
        "DMS API 要求降低请求频率（{source}）；下一次将再次查询。"
    ),
    "The DMS API has no such call ({source}): check huaweicloud.region and .endpoint; not every region has"
    " it.": (
        "DMS API 没有此接口（{source}）：请检查 huaweicloud.region 和 .endpoint；并非所有区域都提供此接口。"
    ),
    "The DMS API knows no such instance ({source}): check instance_id, or it was deleted.": (
        "DMS API 查不到该实例（{source}）：请检查 instance_id，或实例已被删除。"
    ),
    "The DMS API knows no such task ({source}): check task_id, or the record was deleted.": (
        "DMS API 查不到该任务（{source}）：请检查 task_id，或任务记录已被删除。"
    ),
    "The DMS API refused the access key ({source}): check huaweicloud.access_key, .secret_key and"
    " .security_token, and the clock.": (
        "DMS API 拒绝了访问密钥（{source}）：请检查 huaweicloud.access_key、.secret_key 和"
        " .security_token，以及系统时钟。"
    ),
    "The DMS API does not let this access key read the change ({source}): grant"
    " dms:instance:getBackgroundTask, and see that the account is not frozen.": (
        "该访问密钥无权通过 DMS API 查询此变更（{source}）："
        "请授予 dms:instance:getBackgroundTask 权限，"
        "并确认账号未被冻结。"
    ),
    "The DMS API does not let this access key list the instances ({source}): grant dms:instance:list, and see"
    " that the account is not frozen.": (
        "该访问密钥无权通过 DMS API 查询实例列表（{source}）："
        "请授予 dms:instance:list 权限，并确认账号未被冻结。"
    ),
    "The DMS API does not let this access key read the instance ({source}): grant dms:instance:get, and see"
    " that the account is not frozen.": (
        "该访问密钥无权通过 DMS API 查询此实例（{source}）："
        "请授予 dms:instance:get 权限，并确认账号未被冻结。"
    ),
    "The DMS API did not accept the request ({source}).": "DMS API 未接受请求（{source}）。",
    "The DMS API is out of order ({source}).": "DMS API 发生故障（{source}）。",
    "The DMS API redirects ({source}), which it never does: check huaweicloud.endpoint and network.proxy.": (
        "收到了 DMS API 不会发出的重定向（{source}）：请检查 huaweicloud.endpoint 和 network.proxy。"
    ),
    "The DMS API gave an answer that is none of its own ({source}): check huaweicloud.endpoint and"
    " network.proxy.": (
        "收到的应答并非来自 DMS API（{source}）：请检查 huaweicloud.endpoint 和 network.proxy。"
    ),
    "The DMS API was not asked: no time was left for it.": "未查询 DMS API：剩余时间不足。",
    "The DMS API was not asked: it wants fewer requests than that.": "未查询 DMS API：它要求降低请求频率。",
    "The DMS API was not asked: time ran out before another answer had shown that the key is good.": (
        "未查询 DMS API：在其他应答证实访问密钥有效之前，时间已用完。"
    ),
    "The DMS API refused the access key at {refused_at}; it is tried again at {again_at}, because six"
    " refusals in a row lock it for everybody.": (
        "DMS API 在 {refused_at} 拒绝了访问密钥；连续六次被拒会锁定该密钥，影响所有使用者，"
        "因此将在 {again_at} 重试。"
    ),
}

_NETWORK: Final[Mapping[str, str]] = {
    "The DMS API gave no answer: {reason}": "DMS API 没有应答：{reason}",
    "{host} answered with more than 1 MiB.": "{host} 的应答超过 1 MiB。",
    "No time is left to ask {host}.": "剩余时间不足，未向 {host} 发出请求。",
    "The request to {host} has an address or a header that HTTP forbids.": (
        "发往 {host} 的请求含有 HTTP 不允许的地址或请求头。"
    ),
    "{host} did not answer in time.": "{host} 未在规定时间内应答。",
    "{host} broke off ({reason}).": "与 {host} 的连接中断（{reason}）。",
    "{host} could not be reached in time.": "未能在规定时间内连接 {host}。",
    "{host} could not be reached ({reason}).": "无法连接 {host}（{reason}）。",
    "The proxy {host}": "代理服务器 {host}",
    # What operating systems and OpenSSL call it.
    "Broken pipe": "管道已断开",
    "Connection refused": "连接被拒绝",
    "Connection reset by peer": "连接被对方重置",
    "Connection timed out": "连接超时",
    "Name or service not known": "域名无法解析",
    "Name does not resolve": "域名无法解析",
    "No address associated with hostname": "域名没有对应的地址",
    "nodename nor servname provided, or not known": "域名无法解析",
    "Temporary failure in name resolution": "域名暂时无法解析",
    "Network is unreachable": "网络不可达",
    "No route to host": "没有到主机的路由",
    "Too many open files": "打开的文件过多",
    "[SSL: {code}] {text}": "TLS 错误 {code}",
    "certificate verify failed: {text}": "TLS 证书校验失败",
    "Tunnel connection failed: {answer}": "代理服务器拒绝连接：{answer}",
}

_OURS: Final[Mapping[str, str]] = {
    "Its service answered misconfigured.": "该渠道的配置无法使用。",
    "Its service answered nothing-sent.": "未能向其服务发出任何请求。",
    "Its service answered unsendable.": "无法为收件人生成邮件。",
    "Its service answered unsupported.": "邮件服务器不支持该渠道所配置的方式。",
    "Its service answered {code}.": "其服务返回 {code}。",
    "{failed} of {count} steps failed.": "{count} 个步骤中有 {failed} 个失败。",
    "The task's record was deleted.": "任务记录已被删除。",
    "Headway did not run, had no time for it, or could not use its store or the DMS API."
    " What happened meanwhile is told as soon as it is seen.": (
        "Headway 未运行、时间不足，或无法使用其存储或 DMS API；期间发生的变化一经查到即会通知。"
    ),
    "The kept document could not be read ({damage}) and was set aside.": (
        "保存的记录无法读取（{damage}），已另行保存。"
    ),
    "The ledger of {change} cannot be read ({damage}).": "变更 {change} 的记录无法读取（{damage}）。",
    "The ledger of {change} is in flux ({damage}).": (
        "变更 {change} 的记录正在变动，暂时无法读取（{damage}）。"
    ),
    "The ledger of {change} was written by a newer Headway ({schemas}); update this one.": (
        "变更 {change} 的记录由更新版本的 Headway 写入（{schemas}），请升级当前的 Headway。"
    ),
    "schema {number}, this Headway knows {known}": "其格式版本为 {number}，当前的 Headway 支持到 {known}",
    "its checksum does not match its content": "校验和与内容不符",
    "it has more than 1 MiB": "超过 1 MiB",
    "it is another change's": "属于另一个变更",
    "it is wrong at {place}": "{place} 处有误",
    "schema {number} is not known": "未知的格式版本 {number}",
    # What msgspec finds wrong with a document as a whole: https://jcristharif.com/msgspec/usage.html
    "Input data was truncated": "数据不完整",
    "JSON is malformed: {text}": "不是有效的 JSON",
    "Invalid UTF-8 encoded string": "不是有效的 UTF-8",
    "Expected {text}": "类型不符",
    "Object missing required field {name}": "缺少字段 {name}",
    "{text} codec can't decode {more}": "不是有效的 UTF-8",
    "maximum recursion depth exceeded{text}": "嵌套过深",
}

DETAILS: Final[Mapping[str, str]] = {**_TO_ANY, **_API, **_NETWORK, **_OURS}

"""Every alarm of `infra/aws`, whole, for nothing else sees one that never goes off."""

from __future__ import annotations

from typing import Any, Final

from tests.infra.hcl_files import Module
from tests.infra.safety import only

_FILTER: Final = "aws_cloudwatch_log_metric_filter.refused.metric_transformation[0]"
_TO_TOPICS: Final = dict.fromkeys(("alarm_actions", "ok_actions"), "${var.alarm_topic_arns}")
_ANY: Final = {
    "statistic": "Sum",
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "threshold": 1,
    "treat_missing_data": "notBreaching",
}
_OF_FUNCTION: Final = {
    "namespace": "AWS/Lambda",
    "dimensions": {"FunctionName": "${aws_lambda_function.headway.function_name}"},
    "period": "${local.seconds_between_ticks}",
}
_COUNTED: Final = {"received": "AsyncEventsReceived", "dropped": "AsyncEventsDropped"}
_ALARMS: Final[dict[str, dict[str, Any]]] = {
    "errors": {
        **_ANY,
        **_OF_FUNCTION,
        "metric_name": "Errors",
        "evaluation_periods": 5,
        "datapoints_to_alarm": 3,
    },
    "silence": {
        "evaluation_periods": "${local.periods_of_silence}",
        "datapoints_to_alarm": "${ceil(local.periods_of_silence * 4 / 5)}",
        "comparison_operator": "LessThanThreshold",
        "threshold": "${var.shards}",
        "treat_missing_data": "breaching",
        "metric_query": [
            {
                "id": "succeeded",
                "label": "Successful runs",
                "expression": "received - FILL(dropped, 0)",
                "return_data": True,
            },
            *(
                {"id": name, "metric": [{**_OF_FUNCTION, "metric_name": metric, "stat": "Sum"}]}
                for name, metric in _COUNTED.items()
            ),
        ],
    },
    "refused": {
        **_ANY,
        "namespace": f"${{{_FILTER}.namespace}}",
        "metric_name": f"${{{_FILTER}.name}}",
        "period": 300,
        "evaluation_periods": 18,
        "datapoints_to_alarm": 1,
    },
}
_PERIODS: Final = {
    "minutes_between_ticks": '${tonumber(regex("[0-9]+", var.schedule))}',
    "seconds_between_ticks": "${60 * local.minutes_between_ticks}",
    "periods_of_silence": "${max(3, ceil(10 / local.minutes_between_ticks))}",
}
_REFUSALS: Final = {
    "name": "${var.name}-refused",
    "log_group_name": "${aws_cloudwatch_log_group.function.name}",
    "pattern": "{ $.counts.deliveries.refused > 0 }",
    "metric_transformation": [
        {
            "namespace": "Headway",
            "name": "${var.name}-refused",
            "value": "$.counts.deliveries.refused",
            "unit": "Count",
        }
    ],
}


def tells_when_it_cannot_work(module: Module) -> None:
    """Of errors, of silence, also where no data comes, and of refusals; each in words."""
    alarms = {block.labels[1]: dict(block.body) for block in module.resources("aws_cloudwatch_metric_alarm")}
    for name, alarm in alarms.items():
        assert alarm.pop("alarm_name") == f"${{var.name}}-{name}"
        assert alarm.pop("alarm_description"), f"{name} says nothing"
    assert alarms == {name: {**alarm, **_TO_TOPICS} for name, alarm in _ALARMS.items()}
    assert {name: module.locals[name] for name in _PERIODS} == _PERIODS
    assert only(block.body for block in module.resources("aws_cloudwatch_log_metric_filter")) == _REFUSALS

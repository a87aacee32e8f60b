/** Account-level fields: the business account, its numbers, its limits, flows, payments and partners. */
import type { Notice } from "./inbound-notice";
import { compact, idOf, type JsonObject, listOf, millisecondsOf, numberOf, objectOf, textOf } from "./json-value";
import { waIdOf } from "./parse-identity";

export const accountReaders: Record<string, (value: JsonObject) => Notice> = {
  phone_number_quality_update: (value) => ({
    name: "phone-number:quality",
    payload: compact({
      event: textOf(value.event),
      previousLimit: textOf(value.old_limit),
      currentLimit: textOf(value.current_limit) ?? textOf(value.max_daily_conversations_per_business),
    }),
  }),
  phone_number_name_update: (value) => ({
    name: "phone-number:name",
    payload: compact({
      decision: textOf(value.decision),
      name: textOf(value.requested_verified_name),
      reason: textOf(value.rejection_reason),
    }),
  }),
  account_update: (value) => {
    const ban = objectOf(value.ban_info);
    return {
      name: "account:update",
      payload: compact({
        event: textOf(value.event),
        phoneNumber: idOf(value.phone_number),
        violation: textOf(objectOf(value.violation_info)?.violation_type),
        reason: textOf(objectOf(value.disconnection_info)?.reason),
        restrictions: listOf(value.restriction_info).flatMap((item) => {
          const restriction = objectOf(item);
          return restriction
            ? [compact({ type: textOf(restriction.restriction_type), expiresAt: millisecondsOf(restriction.expiration) })]
            : [];
        }),
        banState: Array.isArray(ban?.waba_ban_state) ? ban.waba_ban_state.map(textOf).join(", ") : textOf(ban?.waba_ban_state),
        banDate: textOf(ban?.waba_ban_date),
        wabaId: idOf(objectOf(value.waba_info)?.waba_id),
      }),
    };
  },
  account_alerts: (value) => {
    const alert = objectOf(value.alert_info) ?? value;
    return {
      name: "account:alert",
      payload: compact({
        entityType: textOf(value.entity_type),
        entityId: idOf(value.entity_id),
        severity: textOf(alert.alert_severity),
        status: textOf(alert.alert_status),
        type: textOf(alert.alert_type),
        description: textOf(alert.alert_description),
      }),
    };
  },
  account_review_update: (value) => ({ name: "account:review", payload: compact({ decision: textOf(value.decision) }) }),
  account_settings_update: (value) => ({ name: "account:settings", payload: { settings: value } }),
  business_capability_update: (value) => ({
    name: "business:capability",
    payload: compact({
      dailyLimit: textOf(value.max_daily_conversations_per_business) ?? textOf(value.max_daily_conversation_per_phone),
      maxPhoneNumbers: numberOf(value.max_phone_numbers_per_business),
      maxPhoneNumbersPerWaba: numberOf(value.max_phone_numbers_per_waba),
    }),
  }),
  business_username_updates: (value) => ({
    name: "business:username",
    payload: compact({ username: textOf(value.username), status: textOf(value.status) }),
  }),
  security: (value) => ({
    name: "security",
    payload: compact({ event: textOf(value.event), requester: idOf(value.requester) }),
  }),
  flows: (value) => ({
    name: "flow",
    payload: compact({
      event: textOf(value.event),
      flowId: idOf(value.flow_id),
      message: textOf(value.message),
      previous: textOf(value.old_status),
      current: textOf(value.new_status) ?? textOf(value.alert_state),
    }),
  }),
  payment_configuration_update: (value) => ({
    name: "payment:configuration",
    payload: compact({
      name: textOf(value.configuration_name),
      provider: textOf(value.provider_name),
      status: textOf(value.status),
    }),
  }),
  partner_solutions: (value) => ({
    name: "partner:solution",
    payload: compact({ event: textOf(value.event), solutionId: idOf(value.solution_id), status: textOf(value.solution_status) }),
  }),
  messaging_handovers: (value) => {
    const event = textOf(value.type);
    const change = objectOf(event === undefined ? undefined : value[event]);
    const sender = objectOf(value.sender);
    return {
      name: "handover",
      payload: compact({
        customer: compact({ waId: waIdOf(sender?.phone_number) ?? waIdOf(sender?.wa_id), userId: idOf(sender?.user_id) }),
        event,
        previousOwner: textOf(change?.previous_owner_role),
        newOwner: textOf(change?.new_owner_role),
      }),
    };
  },
};

/** The mark: one unbroken line that sets out from a node, draws the cloud and arrives at the next node. */
export function LogoMark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8.5" fill="#2a4dc0" />
      <path
        d="M8.2 22.6h2.1M10.3 22.6a4.9 4.9 0 0 1 .1-9.7 6.6 6.6 0 0 1 12.6 1.3 4.25 4.25 0 0 1 .2 8.4H17"
        stroke="#fff"
        strokeWidth="2.3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="22.6" r="2.5" fill="#9ff0d3" />
    </svg>
  );
}
